#include "kernels/cuda/base/error.h"
#include "kernels/cuda/base/launch.h"
#include "kernels/cuda/combine/combine.h"
#include "kernels/cuda/ptx/dependent_launch.h"
#include "kernels/cuda/ptx/mma.h"
#include "kernels/cuda/tile/row_sum.cuh"

namespace mlawave::cuda {
namespace {

constexpr int kFew = 5;  // parts whose loads one thread starts before it uses the first

// What a lane loads of a partial result, how it is weighted and added up, and which columns it is.
// Numbers 2 i and 2 i + 1 of a lane are a pair; give_neighbours() makes of it, together with the
// whole warp, two columns side by side, and returns the first.
struct Plain {
  static constexpr bool kExists = true;
  using Piece = float4;
  using Scale = float;
  static constexpr int kColumns = 4;
  static __device__ Piece load(const DecodeArgs& args, unsigned row, int piece) {
    return reinterpret_cast<const float4*>(
        args.partial_o)[std::size_t{row} * (api::kDV / 4) + piece];
  }
  static __device__ Scale scale(const DecodeArgs&, unsigned) { return 1.f; }
  static __device__ Scale weights(float w, Scale) { return w; }
  static __device__ float weight(Scale w, int) { return w; }
  static __device__ void add(float (&o)[4], float w, const Piece& x) {
    o[0] = fmaf(w, x.x, o[0]), o[1] = fmaf(w, x.y, o[1]);
    o[2] = fmaf(w, x.z, o[2]), o[3] = fmaf(w, x.w, o[3]);
  }
  static __device__ int give_neighbours(int piece, int i, float2&) { return 4 * piece + 2 * i; }
};

struct Packed {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ != 900
  static constexpr bool kExists = false;  // Hopper kernels alone write it
#else
  static constexpr bool kExists = true;
#endif
  using Piece = uint4;
  using Scale = float2;
  static constexpr int kColumns = kPackedColumns;
  static __device__ Piece load(const DecodeArgs& args, unsigned row, int piece) {
    return args.packed.o[row * kPackedRow + piece];
  }
  static __device__ Scale scale(const DecodeArgs& args, unsigned row) {
    static_assert(kRowScales == 2);
    return reinterpret_cast<const float2*>(args.packed.scale)[row];
  }
  static __device__ Scale weights(float w, const Scale& scale) {
    return make_float2(w * scale.x, w * scale.y);
  }
  static __device__ float weight(const Scale& w, int piece) {
    return piece < kPackedRow / 2 ? w.x : w.y;
  }
  static __device__ void add(float (&o)[8], float w, const Piece& x) {
    const std::uint32_t pairs[4] = {x.x, x.y, x.z, x.w};
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const float2 pair = unpack_partial(pairs[i]);
      o[2 * i] = fmaf(w, pair.x, o[2 * i]), o[2 * i + 1] = fmaf(w, pair.y, o[2 * i + 1]);
    }
  }
};

struct PackedRows : Packed {
  static __device__ int give_neighbours(int piece, int i, float2&) {
    return column_in_rows(piece, 2 * i);
  }
};

// Here a pair's columns are eight apart, and the next column of each is in the next lane.
struct PackedColumns : Packed {
  static __device__ int give_neighbours(int piece, int i, float2& x) {
    const bool odd = piece % 2 != 0;  // as the lane is
    const float other = __shfl_xor_sync(~0u, odd ? x.x : x.y, 1);
    x = odd ? make_float2(other, x.y) : make_float2(x.x, other);
    return odd ? column_in_columns(piece, 2 * i + 1) - 1 : column_in_columns(piece, 2 * i);
  }
};

// A row of the output, and its parts.
class Row {
 public:
  __device__ Row(const DecodeArgs& args, int rows_per_tile, int at_row) : args_(args) {
    const int row = at_row % rows_per_tile, index = at_row / rows_per_tile;
    // The tables are older than the kernel before, which started after they were done.
    const CutTile cut = args.cut_tile(index);
    const int row_of_request = cut.tile * rows_per_tile + row;
    if (row_of_request >= args.rows()) return;  // padding of the last tile
    parts_ = cut.parts;                         // 0 behind the last cut tile
    step_ = cut.stride * rows_per_tile;
    others_ = (cut.second - cut.stride) * rows_per_tile + row;
    to_first_ = cut.first * rows_per_tile + row - others_;
    output_ = cut.request * args.rows() + row_of_request;
  }
  __device__ int parts() const { return parts_; }  // 0: no such row
  // Row of the partial results that has part k.
  __device__ unsigned at(int k) const { return others_ + (k == 0 ? to_first_ : k * step_); }

  template <api::Dtype D>
  __device__ void write(int column, const float2& x, float l) const {
    const float norm = norm_of(l);
    const std::int64_t at = static_cast<std::int64_t>(output_) * api::kDV + column;
    static_cast<std::uint32_t*>(args_.out)[at / 2] = ptx::pack<D>(x.x * norm, x.y * norm);
  }
  __device__ void write_lse(float m, float l) const { args_.lse[output_] = log_sum_exp(m, l); }

 private:
  const DecodeArgs& args_;
  int parts_ = 0, output_;
  int step_, others_, to_first_;
};

__device__ __forceinline__ float weight_of(float part_m, float m) {  // part_m <= m
  return part_m == -INFINITY ? 0.f : ptx::exp2_approx(part_m - m);
}

// At most kFew parts: a lane adds up its columns alone. Rows of Lanes threads a CTA.
template <class Format, api::Dtype D, int Lanes, int Rows>
__global__ void __launch_bounds__(Lanes* Rows)
    combine_few(const __grid_constant__ DecodeArgs args, int rows_per_tile) {
  static_assert(Lanes * Format::kColumns == api::kDV && Lanes % 32 == 0);
  if constexpr (!Format::kExists) return;
  const int piece = threadIdx.x % Lanes;
  const Row row(args, rows_per_tile, blockIdx.x * Rows + threadIdx.x / Lanes);
  if (row.parts() == 0) return;
  ptx::wait_for_kernel_before();
  ptx::launch_dependents();  // the next kernel may take its place in the queue

  float2 ml[kFew];
  typename Format::Scale scale[kFew];
  typename Format::Piece x[kFew];
#pragma unroll
  for (int k = 0; k < kFew; ++k) {
    ml[k] = make_float2(-INFINITY, 0.f);
    if (k >= row.parts()) continue;
    ml[k] = args.partial_ml[row.at(k)];
    scale[k] = Format::scale(args, row.at(k));
    x[k] = Format::load(args, row.at(k), piece);
  }
  float m = -INFINITY, l = 0.f, o[Format::kColumns] = {};
#pragma unroll
  for (int k = 0; k < kFew; ++k) m = fmaxf(m, ml[k].x);
#pragma unroll
  for (int k = 0; k < kFew; ++k) {
    if (k >= row.parts()) continue;
    const float w = weight_of(ml[k].x, m);
    l = fmaf(w, ml[k].y, l);
    Format::add(o, Format::weight(Format::weights(w, scale[k]), piece), x[k]);
  }
#pragma unroll
  for (int i = 0; i < Format::kColumns / 2; ++i) {
    float2 pair = make_float2(o[2 * i], o[2 * i + 1]);
    const int column = Format::give_neighbours(piece, i, pair);
    row.write<D>(column, pair, l);
  }
  if (piece == 0) row.write_lse(m, l);
}

__device__ __forceinline__ float warp_max(float x) {
#pragma unroll
  for (int step = 16; step > 0; step /= 2) x = fmaxf(x, __shfl_xor_sync(~0u, x, step));
  return x;
}
__device__ __forceinline__ float warp_sum(float x) {
#pragma unroll
  for (int step = 16; step > 0; step /= 2) x += __shfl_xor_sync(~0u, x, step);
  return x;
}

// A CTA has Lanes pieces of one row. Teams of Lanes threads share the parts; each thread starts
// InFlight loads before it uses the first, and meanwhile the parts' weights are made, one a thread.
// Every order of addition is fixed: the same bits at every run. At most 64 registers, or 80 for
// many loads: 256 threads have room beside a main kernel of 288 threads with 144.
template <class Format, api::Dtype D, int Lanes, int Teams, int InFlight>
__global__ void __launch_bounds__(Lanes* Teams, (InFlight > 8 ? 768 : 1024) / (Lanes * Teams))
    combine_many(const __grid_constant__ DecodeArgs args, int rows_per_tile) {
  if constexpr (!Format::kExists) return;
  constexpr int kGroup = Teams * InFlight;  // parts in one go
  constexpr int kWarps = (kGroup + 31) / 32, kPairs = Format::kColumns / 2;
  static_assert(kWarps * 32 <= Lanes * Teams && kPairs <= Teams && kPairs * Lanes % 32 == 0);
  constexpr int kSlices = api::kDV / Format::kColumns / Lanes;
  __shared__ float s_top[kWarps], s_sum[kWarps];
  __shared__ typename Format::Scale s_weight[kGroup];
  __shared__ float2 s_o[Teams][kPairs][Lanes];
  const int thread = static_cast<int>(threadIdx.x), lane = thread % Lanes, team = thread / Lanes;
  const int first_piece = static_cast<int>(blockIdx.x) % kSlices * Lanes;
  const int piece = first_piece + lane;
  const Row row(args, rows_per_tile, static_cast<int>(blockIdx.x) / kSlices);
  const int parts = row.parts();
  if (parts == 0) return;
  ptx::wait_for_kernel_before();
  ptx::launch_dependents();  // the next kernel may take its place in the queue

  float m = -INFINITY, l = 0.f, o[Format::kColumns] = {};
  for (int first = 0; first < parts; first += kGroup) {
    typename Format::Piece x[InFlight];
#pragma unroll
    for (int i = 0; i < InFlight; ++i)
      if (const int k = first + team + i * Teams; k < parts)
        x[i] = Format::load(args, row.at(k), piece);
    float2 ml = make_float2(-INFINITY, 0.f);
    typename Format::Scale scale{};
    if (thread < kGroup && first + thread < parts) {
      const unsigned at = row.at(first + thread);
      ml = args.partial_ml[at];
      scale = Format::scale(args, at);
    }
    if (thread < kWarps * 32) {
      const float top = warp_max(ml.x);
      if (thread % 32 == 0) s_top[thread / 32] = top;
    }
    __syncthreads();
    float top = m;
#pragma unroll
    for (int i = 0; i < kWarps; ++i) top = fmaxf(top, s_top[i]);
    if (thread < kWarps * 32) {
      const float w = weight_of(ml.x, top);
      if (thread < kGroup) s_weight[thread] = Format::weights(w, scale);
      const float sum = warp_sum(w * ml.y);
      if (thread % 32 == 0) s_sum[thread / 32] = sum;
    }
    __syncthreads();
    const float shrink = weight_of(m, top);
    m = top, l *= shrink;
#pragma unroll
    for (int i = 0; i < kWarps; ++i) l += s_sum[i];
#pragma unroll
    for (float& sum : o) sum *= shrink;
#pragma unroll
    for (int i = 0; i < InFlight; ++i)
      if (const int k = team + i * Teams; first + k < parts)
        Format::add(o, Format::weight(s_weight[k], piece), x[i]);
    if (first + kGroup < parts) __syncthreads();
  }
#pragma unroll
  for (int i = 0; i < kPairs; ++i) s_o[team][i][lane] = make_float2(o[2 * i], o[2 * i + 1]);
  __syncthreads();
  if (team >= kPairs) return;  // team i adds up pair i of all
  float2 sum = make_float2(0.f, 0.f);
#pragma unroll 8
  for (int t = 0; t < Teams; ++t) sum.x += s_o[t][team][lane].x, sum.y += s_o[t][team][lane].y;
  const int column = Format::give_neighbours(piece, team, sum);
  row.write<D>(column, sum, l);
  if (piece == 0 && team == 0) row.write_lse(m, l);
}

template <int Lanes, int Rows, class Format>
struct Few {
  static constexpr int kThreads = Lanes * Rows;
  static int ctas(int rows) { return rows / Rows; }
  template <api::Dtype D>
  static constexpr auto kKernel = combine_few<Format, D, Lanes, Rows>;
  static_assert(16 % Rows == 0, "rows_per_tile is a multiple of 16");
};

template <int Lanes, int Teams, int InFlight, class Format>
struct Many {
  static constexpr int kThreads = Lanes * Teams;
  static int ctas(int rows) { return rows * (api::kDV / Format::kColumns / Lanes); }
  template <api::Dtype D>
  static constexpr auto kKernel = combine_many<Format, D, Lanes, Teams, InFlight>;
};

struct Launcher {
  const DecodeArgs& args;
  api::Dtype dtype;
  int rows_per_tile, cut_tiles;
  bool dependent;
  cudaStream_t stream;

  template <class Shape>
  void start() const {
    const auto kernel = dtype == api::Dtype::f16 ? Shape::template kKernel<api::Dtype::f16>
                                                 : Shape::template kKernel<api::Dtype::bf16>;
    // The split of L1 and shared memory that the main kernel uses, so that no SM has to drain for a
    // change of it between the two.
    MLAWAVE_CUDA_CHECK(cudaFuncSetAttribute(kernel, cudaFuncAttributePreferredSharedMemoryCarveout,
                                            cudaSharedmemCarveoutMaxShared));
    LaunchShape shape;
    shape.ctas = Shape::ctas(cut_tiles * rows_per_tile);
    shape.threads = Shape::kThreads;
    shape.dependent = dependent;
    int rows = rows_per_tile;
    void* parameters[] = {const_cast<DecodeArgs*>(&args), &rows};
    launch_kernel(reinterpret_cast<const void*>(kernel), shape, parameters, stream);
  }
};

}  // namespace

// Few CTAs start sooner than many, and all of them wait beside the main kernel if there is no more
// than one an SM: then as many as that, else full rows. A team has its parts in one go.
void launch_combine(const DecodeArgs& args, api::Dtype dtype, int rows_per_tile, int max_parts,
                    int most_cut_tiles, int sms, bool dependent_launch, cudaStream_t stream) {
  if (most_cut_tiles == 0) return;
  const Launcher launch{args, dtype, rows_per_tile, most_cut_tiles, dependent_launch, stream};
  const int rows = most_cut_tiles * rows_per_tile;
  if (args.partials == PartialFormat::packed_rows) {
    if (max_parts <= kFew) return launch.start<Few<64, 8, PackedRows>>();
    if (max_parts <= 4 * kFew) return launch.start<Many<64, 4, kFew, PackedRows>>();
    if (max_parts <= 8 * 8 && 2 * rows > sms) return launch.start<Many<64, 8, 8, PackedRows>>();
    return launch.start<Many<32, 16, 8, PackedRows>>();
  }
  if (args.partials == PartialFormat::packed_columns) {
    if (max_parts <= kFew) return launch.start<Few<64, 4, PackedColumns>>();
    if (max_parts <= 4 * kFew) return launch.start<Many<32, 4, kFew, PackedColumns>>();
    if (max_parts <= 8 * kFew) return launch.start<Many<16, 8, kFew, PackedColumns>>();
    if (4 * rows <= sms) return launch.start<Many<16, 32, kFew, PackedColumns>>();
    if (max_parts <= 8 * 8 && 2 * rows > sms) return launch.start<Many<64, 8, 8, PackedColumns>>();
    return launch.start<Many<32, 16, 8, PackedColumns>>();
  }
  if (max_parts <= kFew) return launch.start<Few<128, 4, Plain>>();
  if (max_parts <= 4 * kFew) return launch.start<Many<64, 4, kFew, Plain>>();
  if (max_parts <= 8 * kFew) return launch.start<Many<32, 8, kFew, Plain>>();
  if (8 * rows <= sms) return launch.start<Many<16, 16, 2 * kFew, Plain>>();
  if (4 * rows <= sms) return launch.start<Many<32, 16, kFew, Plain>>();
  return launch.start<Many<64, 4, 2 * kFew, Plain>>();
}

}  // namespace mlawave::cuda
