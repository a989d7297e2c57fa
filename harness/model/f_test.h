// Is a model with more parameters better than chance would make it?
#pragma once

namespace mlawave::model {

// P(F > f) of Fisher's F distribution with d1 and d2 degrees of freedom, by the continued fraction
// of the incomplete beta function (Abramowitz and Stegun 26.5.8, Lentz's method).
double f_tail(double f, double d1, double d2);

// Residual sums of squares of nested models on `rows` rows.
double f_test(double null_residual, int null_parameters, double residual, int parameters, int rows);

}  // namespace mlawave::model
