// The arithmetic of one tile, vectorised by Highway for the CPU it runs on. All arrays are f32,
// row-major, in scratch memory of one worker; nothing here knows of requests or schedules.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/api/problem.h"

namespace mlawave::cpu {

inline constexpr int kRows = 16;    // query rows of a head tile
inline constexpr int kTokens = 32;  // KV tokens of a tile

// to[i] = from[i] for `count` elements, a multiple of 16.
void widen(const std::uint16_t* from, float* to, std::size_t count, api::Dtype);

// s[16][32] = q[16][576] k[32][576]ᵀ. Meanwhile fetches next[32][576], the cache rows of the tile
// to come, from memory; null: nothing.
void score(const float* q, const float* k, const std::uint16_t* next, float* s);

// Online softmax: scales s, replaces it by exp(s - m), updates m and l and shrinks the rows of
// o[16][512] whose maximum grew. visible[row]: how many of the 32 tokens the row sees.
void soften(float* s, const int* visible, float scale, float* m, float* l, float* o);

// o[16][512] += p[16][32] v[32][512], rows of v 576 apart. 512 apart, a column of 32 rows would
// fall on two sets of a 32-KB cache and take twice as long.
void add_values(const float* p, const float* v, float* o);

}  // namespace mlawave::cpu
