#include "kernels/cuda/base/error.h"
#include "kernels/cuda/base/launch.h"
#include "kernels/cuda/combine/combine.h"
#include "kernels/cuda/ptx/dependent_launch.h"
#include "kernels/cuda/ptx/mma.h"

namespace mlawave::cuda {
namespace {

constexpr int kInFlight = 5;  // parts whose loads a team starts before it uses the first

// A running sum Σ 2^(m_k - m) (l_k, O_k) over parts, for four columns of one row.
struct Sum {
  float m = -INFINITY, l = 0.f;
  float4 o = make_float4(0.f, 0.f, 0.f, 0.f);

  __device__ void scale_to(float new_m) {  // new_m >= m
    const float w = m == -INFINITY ? 0.f : ptx::exp2_approx(m - new_m);
    m = new_m, l *= w, o.x *= w, o.y *= w, o.z *= w, o.w *= w;
  }
  __device__ void add(float part_m, float part_l, const float4& x) {  // part_m <= m
    const float w = part_m == -INFINITY ? 0.f : ptx::exp2_approx(part_m - m);
    l = fmaf(w, part_l, l);
    o.x = fmaf(w, x.x, o.x), o.y = fmaf(w, x.y, o.y), o.z = fmaf(w, x.z, o.z),
    o.w = fmaf(w, x.w, o.w);
  }
};

// A lane covers four columns of one row; Lanes of them side by side make a team. Teams of them
// share the parts of the same columns, and a CTA has Rows rows. Every order of addition is fixed:
// the same bits at every run.
template <api::Dtype D, int Lanes, int Teams, int Rows>
__global__ void __launch_bounds__(Lanes* Teams* Rows, Teams > 4 ? 1024 / (Lanes * Teams) : 1)
    combine(const __grid_constant__ DecodeArgs args, int rows_per_tile) {
  static_assert(Teams == 1 || Rows == 1);
  constexpr int kSlices = api::kDV / 4 / Lanes;
  __shared__ float4 sO[Teams][Lanes];
  __shared__ float2 sMl[Teams];
  const int lane = threadIdx.x % Lanes, team = Teams == 1 ? 0 : threadIdx.x / Lanes;
  const int slice = blockIdx.x % kSlices;
  const int at_row = blockIdx.x / kSlices * Rows + (Rows == 1 ? 0 : threadIdx.x / Lanes);
  const int row = at_row % rows_per_tile, index = at_row / rows_per_tile;
  // The tables are older than the kernel before, which started after they were done.
  if (args.planned_on_device && index >= *args.tables.cut_tile_count) return;
  const CutTile cut = args.cut_tile(index);
  if (cut.tile * rows_per_tile + row >= args.rows()) return;  // padding of the last tile
  const int column = (slice * Lanes + lane) * 4;
  const int parts = static_cast<int>(cut.parts.count);
  const int first_part = static_cast<int>(cut.parts.first);
  const int second_part = static_cast<int>(cut.parts.second);
  const int stride = static_cast<int>(cut.parts.stride);
  const float2* const ml_of_row = args.partial_ml + row;
  const float4* const o_of_row =
      reinterpret_cast<const float4*>(args.partial_o) + (row * api::kDV + column) / 4;
  ptx::wait_for_kernel_before();
  ptx::launch_dependents();  // the next kernel may take its place in the queue

  Sum sum;
  for (int first = team; first < parts; first += Teams * kInFlight) {
    float2 ml[kInFlight];
    float4 x[kInFlight];
#pragma unroll
    for (int i = 0; i < kInFlight; ++i) {
      const int k = first + i * Teams;
      ml[i] = make_float2(-INFINITY, 0.f);
      if (k < parts) {
        const int at = (k == 0 ? first_part : second_part + (k - 1) * stride) * rows_per_tile;
        ml[i] = ml_of_row[at];
        x[i] = o_of_row[static_cast<std::int64_t>(at) * (api::kDV / 4)];
      }
    }
    float m = sum.m;
#pragma unroll
    for (int i = 0; i < kInFlight; ++i) m = fmaxf(m, ml[i].x);
    sum.scale_to(m);
#pragma unroll
    for (int i = 0; i < kInFlight; ++i)
      if (first + i * Teams < parts) sum.add(ml[i].x, ml[i].y, x[i]);
  }
  if constexpr (Teams > 1) {
    sO[team][lane] = sum.o;
    if (lane == 0) sMl[team] = make_float2(sum.m, sum.l);
    __syncthreads();
    if (team > 0) return;
    float m = -INFINITY;
#pragma unroll 8
    for (int i = 0; i < Teams; ++i) m = fmaxf(m, sMl[i].x);
    sum = Sum{};
    sum.m = m;
#pragma unroll 8
    for (int i = 0; i < Teams; ++i) sum.add(sMl[i].x, sMl[i].y, sO[i][lane]);
  }
  const float norm = sum.l > 0.f ? 1.f / sum.l : 0.f;
  const std::int64_t out_row =
      static_cast<std::int64_t>(cut.request) * args.rows() + cut.tile * rows_per_tile + row;
  *reinterpret_cast<uint2*>(static_cast<char*>(args.out) + (out_row * api::kDV + column) * 2) =
      make_uint2(ptx::pack<D>(sum.o.x * norm, sum.o.y * norm),
                 ptx::pack<D>(sum.o.z * norm, sum.o.w * norm));
  if (column == 0)
    args.lse[out_row] = sum.l > 0.f ? (sum.m + log2f(sum.l)) * 0.693147180559945f : -INFINITY;
}

template <int Lanes, int Teams, int Rows = 1>
void launch(const DecodeArgs& args, api::Dtype dtype, int rows_per_tile, int cut_tiles,
            bool dependent_launch, cudaStream_t stream) {
  const auto kernel = dtype == api::Dtype::f16 ? combine<api::Dtype::f16, Lanes, Teams, Rows>
                                               : combine<api::Dtype::bf16, Lanes, Teams, Rows>;
  // The split of L1 and shared memory that the main kernel uses, so that no SM has to drain for a
  // change of it between the two.
  MLAWAVE_CUDA_CHECK(cudaFuncSetAttribute(kernel, cudaFuncAttributePreferredSharedMemoryCarveout,
                                          cudaSharedmemCarveoutMaxShared));
  LaunchShape shape;
  static_assert(16 % Rows == 0, "rows_per_tile is a multiple of 16");
  shape.ctas = cut_tiles * rows_per_tile / Rows * (api::kDV / 4 / Lanes);
  shape.threads = Lanes * Teams * Rows;
  shape.dependent = dependent_launch;
  void* parameters[] = {const_cast<DecodeArgs*>(&args), &rows_per_tile};
  launch_kernel(reinterpret_cast<const void*>(kernel), shape, parameters, stream);
}

}  // namespace

void launch_combine(const DecodeArgs& args, api::Dtype dtype, int rows_per_tile, int max_parts,
                    int most_cut_tiles, int sms, bool dependent_launch, cudaStream_t stream) {
  if (most_cut_tiles == 0) return;
  // Few CTAs start sooner than many, and all of them wait beside the main kernel if there is no
  // more than one an SM: then as many as that, else full rows. A team has kInFlight parts in one
  // go.
  const auto with = [&](auto shape) {
    shape(args, dtype, rows_per_tile, most_cut_tiles, dependent_launch, stream);
  };
  const int rows = most_cut_tiles * rows_per_tile;
  if (max_parts <= kInFlight)
    with(launch<128, 1, 4>);
  else if (max_parts <= 4 * kInFlight)
    with(launch<64, 4>);
  else if (max_parts <= 8 * kInFlight)
    with(launch<32, 8>);
  else if (8 * rows <= sms)
    with(launch<16, 32>);
  else if (4 * rows <= sms)
    with(launch<32, 16>);
  else
    with(launch<128, 4>);
}

}  // namespace mlawave::cuda
