// Programmatic dependent launch (sm_90 and later; nothing before): a kernel may start before the
// one in front of it has ended, and waits where it needs that one's results.
#pragma once

namespace mlawave::ptx {

// The next kernel of the stream, launched as a dependent one, may start once every CTA has said so.
// Said after wait_for_kernel_before(), it also tells that kernel that whatever came before this one
// has ended.
__device__ inline void launch_dependents() {
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.launch_dependents;");
#endif
}

// Until the kernel before has ended and its writes can be seen; at once for an ordinary launch.
__device__ inline void wait_for_kernel_before() {
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}

}  // namespace mlawave::ptx
