// A curve of one attention operation, projected to the tokens of a whole model.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/analysis/series.h"
#include "harness/model/per_token.h"

namespace mlawave::analysis {

struct Explanation;

struct ProjectedRow {
  std::int64_t n_kv = 0;
  model::TokenTime token;
};

struct ProjectedDip {
  std::int64_t n_kv = 0;  // first slow row
  std::int64_t boundary = 0;
  double kernel_percent = 0;
  double share = 0;  // of attention in a token before the step
  model::TokenStep token;
};

struct Projection {
  std::string model;
  int layers = 0;
  model::Rest rest;
  std::vector<ProjectedRow> rows;
  std::vector<ProjectedDip> dips;
};

// Why a series can't be projected to the model; empty when it can. Only one request and one new
// token are: a batch reads more experts, and how many nobody said.
std::string why_not_projected(const Series&, const model::Card&);

Projection project(const Series&, const Explanation&, const model::Card&, const model::Rest&);

// For people: rest and its source, tokens per second at a few n_kv, each dip as a token sees it.
std::string as_text(const Projection&);

}  // namespace mlawave::analysis
