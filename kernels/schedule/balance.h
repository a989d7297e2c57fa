// How `balanced` chooses its ranges. One walk deals the granules of all tiles to the slots in
// order, each slot up to a cost; a search finds the cost whose price is least. Host and device run
// the same code: the host to say what a plan is, the device to make it from lengths that it alone
// has.
//
//   cost of a slot   Σ over the tiles it works on: segment + granules + step · steps, + short if
//                    that is less than a step, + cut if it is not all of the tile; a step is 64
//                    tokens or what is left of them
//   memory           granules · memory, the more for each range that saturating it lacks, - lead
//   price of a deal  cost of the costliest slot, or memory if that is more; ragged if the ranges
//                    are not whole steps (64 rows, or where the memory's cost is known); 0.06 of
//                    the costliest slot again; and if anything is cut, combine + part · parts of
//                    the most-cut tile + partial · partial results / slots
//
// A step's arithmetic takes about as long for 8 tokens as for 64; where it is the only one, nothing
// hides that it is copied in more pieces. A cut costs the slot its partial result, which grows with
// the query rows, and the combine a part. Where the memory is the bound, fewer slots end as soon
// and leave fewer parts. A unit of cost is a twelfth of a step of 64 tokens, about 0.12 to 0.2 µs
// on an H100; the figures are from runs there (kernels/cuda/tile_reuse_sm90_t/README.md) and, for
// 64 rows, on an H200 (tile_reuse_sm90_q/README.md): there a segment waits for its Q and ends
// with nothing to hide its last softmax, and partial results are megabytes. They need not be exact,
// they keep the search from cutting what need not be cut.
#pragma once

#include "kernels/schedule/schedule.h"

namespace mlawave::schedule {

inline constexpr int kStep = 8;          // granules
inline constexpr int kStepCost = 4;      // beside its granules
inline constexpr int kShortCost = 3;     // of less than a step
inline constexpr int kLeastCut = 2;      // granules a slot takes of a tile that it cuts
inline constexpr int kMemoryLead = 8;    // that a slot has to end before the memory does
inline constexpr int kSaturating = 80;   // ranges; fewer do not get all that the memory has
inline constexpr int kCandidates = 128;  // costs that one round of the search tries

struct BalanceCost {
  int segment, cut;
  int combine_tenths, part_tenths, partial_tenths, ragged_tenths;
  int memory_thousandths;  // of a unit, that a granule takes the memory
};

// What a granule takes the memory, in thousandths of a unit. `step_ns`: one step of a long range,
// for a CTA that has the memory to itself. 0, as of a bandwidth that a driver does not tell: not
// known, and the price leaves the memory out.
MLAWAVE_HD constexpr int memory_thousandths(int step_ns, double gb_per_s) {
  constexpr int kGranuleBytes = kGranule * 1152;
  return step_ns == 0 || gb_per_s <= 0
             ? 0
             : static_cast<int>(1000 * (kStep + kStepCost) * kGranuleBytes / (gb_per_s * step_ns));
}

MLAWAVE_HD constexpr BalanceCost balance_cost(int rows_per_cta, int memory_thousandths = 0) {
  const bool wide = rows_per_cta >= 64;
  return {.segment = wide ? 16 : 2,
          .cut = 4 + rows_per_cta / 8,
          .combine_tenths = 80,
          .part_tenths = 1,
          .partial_tenths = wide ? 5 * rows_per_cta : 0,
          .ragged_tenths = wide || memory_thousandths > 0 ? 30 : 0,
          .memory_thousandths = memory_thousandths};
}

MLAWAVE_HD constexpr std::int64_t cost_of(std::int64_t granules) {
  return granules + kStepCost * ceil_div(granules, kStep) + (granules < kStep ? kShortCost : 0);
}

// Most granules that cost at most `cost`.
MLAWAVE_HD constexpr std::int64_t granules_for(std::int64_t cost) {
  if (cost <= 0) return 0;
  const std::int64_t steps = cost / (kStep + kStepCost), rest = cost % (kStep + kStepCost);
  const std::int64_t more = rest - kStepCost - (steps == 0 ? kShortCost : 0);
  return steps * kStep + (more > 0 ? more : 0);
}

struct Deal {
  bool fits = false;  // all granules dealt, to slots that cost at most what was allowed
  int ranges = 0;     // slots with work
  std::int64_t most_parts = 0, partials = 0;
};

// Deals the granules (w.chunk_prefix, in granules). `begins` [slots + 1], unless null, gets the
// first granule of each range, and where the last one ends.
MLAWAVE_HD constexpr Deal deal(const WorkView& w, const BalanceCost& cost, std::int64_t most,
                               std::int64_t* begins) {
  Deal result;
  std::int64_t room = most, at = 0;
  int range = 0;
  if (begins != nullptr) begins[0] = 0;
  for (int r = 0; r < w.batch; ++r) {
    const std::int64_t all = w.chunks(r);
    for (int t = 0; t < w.n_tiles && all > 0; ++t) {
      std::int64_t left = all, parts = 1;
      for (;; ++parts) {
        const std::int64_t rest = cost.segment + cost_of(left) + (left < all ? cost.cut : 0);
        if (rest <= room) {
          room -= rest, at += left;
          break;
        }
        std::int64_t take = granules_for(room - cost.segment - cost.cut);
        if (take > left - kLeastCut) take = left - kLeastCut;
        // What is left of a step may cost more than the step.
        while (take >= kLeastCut && cost_of(take) > room - cost.segment - cost.cut) --take;
        if (take < kLeastCut) {
          if (room == most) return result;
          take = 0, --parts;
        }
        at += take, left -= take, room = most;
        if (++range == w.slots) return result;
        if (begins != nullptr) begins[range] = at;
      }
      if (parts > result.most_parts) result.most_parts = parts;
      if (parts > 1) result.partials += parts;
    }
  }
  result.fits = true;
  result.ranges = range + 1;
  if (begins != nullptr) begins[range + 1] = at;
  return result;
}

// Of everything, uncut.
MLAWAVE_HD constexpr std::int64_t total_cost(const WorkView& w, const BalanceCost& cost) {
  std::int64_t all = 0;
  for (int r = 0; r < w.batch; ++r)
    if (w.chunks(r) > 0) all += w.n_tiles * (cost.segment + cost_of(w.chunks(r)));
  return all;
}

// The i-th cost of round `round` to try: each round is twice as coarse and begins where the one
// before it ended.
MLAWAVE_HD constexpr std::int64_t candidate(std::int64_t total, int slots, int round, int i) {
  const std::int64_t step = std::int64_t{1} << round;
  return ceil_div(total, slots) + (step - 1) * kCandidates + i * step;
}

// Price in tenths of a unit; nothing below 0 fits.
MLAWAVE_HD constexpr std::int64_t price(const WorkView& w, const BalanceCost& cost,
                                        std::int64_t most) {
  const Deal d = deal(w, cost, most, nullptr);
  if (!d.fits) return -1;
  std::int64_t memory = w.chunk_prefix[w.batch] * cost.memory_thousandths / 1000;
  if (d.ranges < kSaturating) memory = memory * kSaturating / d.ranges;
  memory -= kMemoryLead;
  const bool ragged = (most - cost.segment - cost.cut) % (kStep + kStepCost) != 0;
  return 10 * (most > memory ? most : memory) + (ragged ? cost.ragged_tenths : 0) + 6 * most / 10 +
         (d.most_parts > 1 ? cost.combine_tenths + cost.part_tenths * d.most_parts : 0) +
         cost.partial_tenths * d.partials / w.slots;
}

}  // namespace mlawave::schedule
