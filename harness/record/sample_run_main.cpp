// Prints a run file with a line of every kind, for the test of the JSON Schema.
#include <iostream>

#include "harness/record/json_line.h"
#include "harness/record/sample_run.h"

int main() {
  using namespace mlawave::record;
  std::cout << to_line(sample::run_info()) << '\n'
            << to_line(sample::measured()) << '\n'
            << to_line(sample::skipped()) << '\n'
            << to_line(sample::wrong()) << '\n'
            << to_line(sample::aa()) << '\n'
            << to_line(sample::resumption()) << '\n';
}
