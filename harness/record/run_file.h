// The run file being written: one writer, each record whole and in the file before the next starts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "harness/record/record.h"
#include "harness/record/run_info.h"

namespace mlawave::record {

class RunFile {
 public:
  // Creates dir and dir/run.jsonl and locks it, or, to resume, opens the file of the same config
  // and devices, cuts a half-written last line off and notes the resumption. Throws
  // config::BadInput: the directory cannot be made or written, another sweep is writing, the file
  // holds another config's run (naming both hashes), another device's or plugin's, or one of this
  // config without `resume`.
  RunFile(const std::string& dir, const RunInfo& info, bool resume);
  ~RunFile();
  RunFile(const RunFile&) = delete;
  RunFile& operator=(const RunFile&) = delete;

  // A new file begins with write_header(), so that what takes time to measure for it is measured
  // after the checks above.
  bool is_new() const { return is_new_; }
  void write_header(const RunInfo&);

  // Each is handed to the operating system before append returns. Throws config::BadInput when it
  // cannot be (disk full); what was written before stays readable.
  void append(const Record&);
  void append(const AaCheck&);

  // For a signal handler that has a line to write and no time left.
  int descriptor() const { return fd_; }

  const std::string& path() const { return path_; }
  // Ids with a record that need not be run again, all but not_run, and their status.
  const std::unordered_map<std::string, Status>& finished() const { return finished_; }
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  void lock();
  void continue_run(const RunInfo&, bool resume);
  void cut_to(std::int64_t bytes);
  void append_line(std::string line);
  std::size_t size() const;

  std::string path_;
  int fd_ = -1;
  bool is_new_ = false;
  std::unordered_map<std::string, Status> finished_;
  std::vector<std::string> warnings_;
};

}  // namespace mlawave::record
