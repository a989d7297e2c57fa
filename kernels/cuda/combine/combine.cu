#include "kernels/cuda/base/error.h"
#include "kernels/cuda/combine/combine.h"
#include "kernels/cuda/ptx/mma.h"

namespace mlawave::cuda {
namespace {

constexpr int kInFlight = 8;  // parts whose loads a warp starts before it uses the first

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

// A warp covers 128 columns (one float4 a lane) of one row. ColumnWarps warps stand side by side;
// PartWarps of them share the parts of the same columns, for tiles cut into many. Every order of
// addition is fixed: the same bits at every run.
template <api::Dtype D, int ColumnWarps, int PartWarps>
__global__ void __launch_bounds__(32 * ColumnWarps * PartWarps)
    combine(const __grid_constant__ DecodeArgs args, int rows_per_tile) {
  constexpr int kSlices = api::kDV / 128 / ColumnWarps;
  __shared__ float4 sO[PartWarps][32 * ColumnWarps];
  __shared__ float2 sMl[PartWarps][ColumnWarps];
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  const int column_warp = warp % ColumnWarps, part_warp = warp / ColumnWarps;
  const int slice = blockIdx.x % kSlices;
  const int row = blockIdx.x / kSlices % rows_per_tile;
  const CutTile cut = args.cut_tile(blockIdx.x / kSlices / rows_per_tile);
  if (cut.tile * rows_per_tile + row >= args.rows()) return;  // padding of the last tile
  const int column = (slice * ColumnWarps + column_warp) * 128 + 4 * lane;
  const int parts = static_cast<int>(cut.parts.count);
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.wait;" ::: "memory");  // the plan's tables above are older
#endif

  Sum sum;
  for (int first = part_warp; first < parts; first += PartWarps * kInFlight) {
    float2 ml[kInFlight];
    float4 x[kInFlight];
#pragma unroll
    for (int i = 0; i < kInFlight; ++i) {
      const int k = first + i * PartWarps;
      ml[i] = make_float2(-INFINITY, 0.f);
      if (k < parts) {
        const std::int64_t at = cut.parts.at(k) * rows_per_tile + row;
        ml[i] = args.partial_ml[at];
        x[i] = *reinterpret_cast<const float4*>(args.partial_o + at * api::kDV + column);
      }
    }
    float m = sum.m;
#pragma unroll
    for (int i = 0; i < kInFlight; ++i) m = fmaxf(m, ml[i].x);
    sum.scale_to(m);
#pragma unroll
    for (int i = 0; i < kInFlight; ++i)
      if (first + i * PartWarps < parts) sum.add(ml[i].x, ml[i].y, x[i]);
  }
  if constexpr (PartWarps > 1) {
    sO[part_warp][32 * column_warp + lane] = sum.o;
    if (lane == 0) sMl[part_warp][column_warp] = make_float2(sum.m, sum.l);
    __syncthreads();
    if (part_warp > 0) return;
    float m = -INFINITY;
#pragma unroll
    for (int i = 0; i < PartWarps; ++i) m = fmaxf(m, sMl[i][column_warp].x);
    sum = Sum{};
    sum.m = m;
#pragma unroll
    for (int i = 0; i < PartWarps; ++i)
      sum.add(sMl[i][column_warp].x, sMl[i][column_warp].y, sO[i][32 * column_warp + lane]);
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

template <int ColumnWarps, int PartWarps>
void launch(const DecodeArgs& args, api::Dtype dtype, int rows_per_tile, bool dependent_launch,
            cudaStream_t stream) {
  cudaLaunchConfig_t config{};
  config.gridDim = args.cut_tile_count * rows_per_tile * (api::kDV / 128 / ColumnWarps);
  config.blockDim = 32 * ColumnWarps * PartWarps;
  config.stream = stream;
  cudaLaunchAttribute attribute{};
  attribute.id = cudaLaunchAttributeProgrammaticStreamSerialization;
  attribute.val.programmaticStreamSerializationAllowed = 1;
  config.attrs = &attribute;
  config.numAttrs = dependent_launch ? 1 : 0;
  const auto kernel = dtype == api::Dtype::f16 ? combine<api::Dtype::f16, ColumnWarps, PartWarps>
                                               : combine<api::Dtype::bf16, ColumnWarps, PartWarps>;
  // The split of L1 and shared memory that the main kernel uses, so that no SM has to drain for a
  // change of it between the two.
  MLAWAVE_CUDA_CHECK(cudaFuncSetAttribute(kernel, cudaFuncAttributePreferredSharedMemoryCarveout,
                                          cudaSharedmemCarveoutMaxShared));
  MLAWAVE_CUDA_CHECK(cudaLaunchKernelEx(&config, kernel, args, rows_per_tile));
}

}  // namespace

void launch_combine(const DecodeArgs& args, api::Dtype dtype, int rows_per_tile, int max_parts,
                    bool dependent_launch, cudaStream_t stream) {
  if (args.cut_tile_count == 0) return;
  if (max_parts <= 8)
    launch<4, 1>(args, dtype, rows_per_tile, dependent_launch, stream);
  else
    launch<1, 16>(args, dtype, rows_per_tile, dependent_launch, stream);
}

}  // namespace mlawave::cuda
