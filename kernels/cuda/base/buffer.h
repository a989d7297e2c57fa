// Owned arrays in device memory and in page-locked host memory; contents undefined at first.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <utility>

#include "kernels/cuda/base/error.h"

namespace mlawave::cuda {

namespace detail {

struct DeviceMemory {  // plain cudaMalloc, never managed memory
  static void* allocate(std::size_t bytes) {
    void* p = nullptr;
    MLAWAVE_CUDA_CHECK(cudaMalloc(&p, bytes));
    return p;
  }
  static void release(void* p) noexcept { MLAWAVE_CUDA_LOG(cudaFree(p)); }
};

struct PinnedMemory {  // mapped: a device pointer of the same value reads and writes it
  static void* allocate(std::size_t bytes) {
    void* p = nullptr;
    MLAWAVE_CUDA_CHECK(cudaHostAlloc(&p, bytes, cudaHostAllocMapped));
    return p;
  }
  static void release(void* p) noexcept { MLAWAVE_CUDA_LOG(cudaFreeHost(p)); }
};

template <class T, class Memory>
class OwnedArray {
 public:
  OwnedArray() = default;
  explicit OwnedArray(std::size_t count)
      : data_(count == 0 ? nullptr : static_cast<T*>(Memory::allocate(count * sizeof(T)))),
        count_(count) {}
  OwnedArray(OwnedArray&& other) noexcept { swap(other); }
  OwnedArray& operator=(OwnedArray&& other) noexcept {
    OwnedArray(std::move(other)).swap(*this);
    return *this;
  }
  ~OwnedArray() {
    if (data_) Memory::release(data_);
  }

  T* data() const { return data_; }  // null when empty
  std::size_t size() const { return count_; }
  std::size_t bytes() const { return count_ * sizeof(T); }

 private:
  void swap(OwnedArray& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(count_, other.count_);
  }

  T* data_ = nullptr;
  std::size_t count_ = 0;
};

}  // namespace detail

template <class T>
using Buffer = detail::OwnedArray<T, detail::DeviceMemory>;

template <class T>
using PinnedBuffer = detail::OwnedArray<T, detail::PinnedMemory>;

}  // namespace mlawave::cuda
