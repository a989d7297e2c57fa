#include "harness/run/fake_device.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "kernels/api/half.h"

namespace mlawave::run::fake {
namespace {

class Slice : public measure::Slice {
 public:
  Slice(int asked, int device_sms) {
    partition_.sms_asked = asked;
    partition_.sms = asked == 0 ? device_sms : asked;
    partition_.mode = record::SmMode::partition;
    for (int sm = 0; sm < partition_.sms; ++sm) partition_.sm_ids.push_back(sm);
  }
  api::Stream stream() const override { return nullptr; }
  const record::Partition& partition() const override { return partition_; }
  void synchronize() override {}

 private:
  record::Partition partition_;
};

// The right answer to every problem is zero.
class Workload : public measure::Workload {
 public:
  explicit Workload(const api::MlaProblem& p)
      : out_(static_cast<std::size_t>(p.batch()) * p.rows() * api::kDV),
        lse_(static_cast<std::size_t>(p.batch()) * p.rows()) {}

  int copies() const override { return 3; }
  api::MlaTensors tensors(int) const override {
    api::MlaTensors t;
    t.out = out_.data();
    t.lse = lse_.data();
    t.q = this;
    return t;
  }
  void poison_output() override {
    std::fill(out_.begin(), out_.end(), workload::kPoison16);
    std::fill(lse_.begin(), lse_.end(), std::bit_cast<float>(workload::kPoison32));
  }
  workload::Output read_output() override {
    std::vector<std::uint32_t> bits;
    for (float f : lse_) bits.push_back(std::bit_cast<std::uint32_t>(f));
    return workload::decode_output(out_, bits, api::Dtype::f16);
  }
  void damage() const { damaged_ = true; }
  bool damaged() const { return damaged_; }
  workload::Output reference() override {
    return {std::vector<double>(out_.size()), std::vector<double>(lse_.size()), 0};
  }
  void write(bool right) const {
    std::fill(out_.begin(), out_.end(), right ? 0 : api::float_to_f16(1));
    std::fill(lse_.begin(), lse_.end(), 0.f);
  }

 private:
  mutable std::vector<std::uint16_t> out_;  // tensors() hands out pointers that are written to
  mutable std::vector<float> lse_;
  mutable bool damaged_ = false;
};

class Timer : public measure::Timer {
 public:
  Timer(Device& device, measure::Workload& workload, measure::Launch launch)
      : device_(device), workload_(workload), launch_(std::move(launch)) {}
  record::Sample sample() override {
    if (device_.on_sample) device_.on_sample();
    launch_(workload_.tensors(0));
    return device_.sample(device_.samples_taken++);
  }

 private:
  Device& device_;
  measure::Workload& workload_;
  measure::Launch launch_;
};

}  // namespace

class Plan : public api::Plan {
 public:
  Plan(const Kernel& kernel, const api::PlanRequest& r) : kernel_(kernel), request_(r) {
    constexpr int kRows = 16;
    info_.rows_per_tile = kRows;
    info_.n_tiles = static_cast<int>(schedule::ceil_div(r.problem.rows(), kRows));
    info_.sms = info_.slots = r.sms;
    info_.ctas_per_sm = 1;
    const schedule::Work work(r.policy, r.problem.n_kv, info_.n_tiles, info_.slots);
    info_.units = work.units();
    info_.max_load = work.max_load();
  }
  const api::PlanInfo& info() const override { return info_; }
  void launch(const api::MlaTensors& t, api::Phase, api::Stream) override {
    kernel_.device_.log.push_back("launch " + kernel_.name_);
    kernel_.device_.launched = request_;
    const auto& workload = *static_cast<const Workload*>(t.q);
    const bool right = kernel_.launch(launches_++);
    workload.write(right && !workload.damaged());
    if (kernel_.damages_inputs) workload.damage();
  }

 private:
  const Kernel& kernel_;
  api::PlanRequest request_;
  api::PlanInfo info_;
  int launches_ = 0;
};

std::unique_ptr<api::Plan> Kernel::plan(const api::PlanRequest& r) const {
  return std::make_unique<Plan>(*this, r);
}

Device::Device(int sms, std::int64_t memory_bytes) : memory_bytes_(memory_bytes) {
  info_.backend = api::Backend::cuda;
  info_.name = "fake";
  info_.sms = sms;
}

measure::Slice& Device::slice(int sms) {
  if (sms > info_.sms)
    throw measure::Unavailable(fmt::format("{} SMs asked for, the device has {}", sms, info_.sms));
  auto& slice = slices_[sms];
  if (!slice) slice = std::make_unique<Slice>(sms, info_.sms);
  return *slice;
}

std::unique_ptr<measure::Workload> Device::load(const api::MlaProblem& p,
                                                const workload::FillSpec&) {
  const std::int64_t bytes = p.kv_rows() * api::kDQk * 2;
  if (bytes > memory_bytes_ || loads_left-- == 0)
    throw measure::NotEnoughMemory(bytes, memory_bytes_);
  log.push_back(fmt::format("load n{}", p.n_kv[0]));
  return std::make_unique<Workload>(p);
}

std::unique_ptr<measure::Timer> Device::timer(measure::Slice&, measure::Workload& w,
                                              measure::Launch launch, const measure::TimerSpec&) {
  return std::make_unique<Timer>(*this, w, std::move(launch));
}

record::Sensors Device::sensors() {
  record::Sensors s;
  s.throttle_reasons = {"sw_power_cap"};
  return s;
}

}  // namespace mlawave::run::fake
