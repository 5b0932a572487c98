package dev.credence.methods.training;

import java.util.Locale;

/** Figures in words of aims: four digits, whole numbers without a point. */
final class AimFigures {
    private AimFigures() {}

    static String of(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e9
                ? String.format(Locale.ROOT, "%.0f", value)
                : String.format(Locale.ROOT, "%.4g", value);
    }
}
