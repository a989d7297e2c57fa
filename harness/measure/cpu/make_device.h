// The way in, without the rest of the room.
#pragma once

#include <memory>

#include "harness/measure/device.h"

namespace mlawave::measure {

std::unique_ptr<Device> make_cpu_device();

}  // namespace mlawave::measure
