// What people write around their tables: "Results on my RTX 3090:".
#pragma once

#include <string>
#include <string_view>

namespace mlawave::importer {

class Prose {
 public:
  void line(std::string_view);
  // The one card that the text names; empty where it names none, or several.
  std::string gpu() const { return several_ ? "" : gpu_; }

 private:
  std::string gpu_;
  bool several_ = false;
  int lines_ = 0;
};

}  // namespace mlawave::importer
