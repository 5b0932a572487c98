package dev.credence.core.provenance;

import java.util.regex.Pattern;

/** Numbers as people write them: one that a double cannot hold is refused rather than read as 0 or infinity. */
public final class NumberText {
    private static final Pattern WORD = Pattern.compile("[+-]?(?:NaN|Infinity)");

    private NumberText() {}

    /**
     * A number; what {@link Double#parseDouble} takes, but for those out of its range.
     *
     * @param text as written
     * @return its value
     * @throws NumberFormatException if it is no number, or so near 0 (below 2.2e-308) or so large (above 1.8e308) that its digits
     *     would be lost
     */
    public static double parse(String text) {
        double value = Double.parseDouble(text);
        String plain = text.strip();
        boolean tooLarge = Double.isInfinite(value) && !WORD.matcher(plain).matches();
        boolean tooSmall = Math.abs(value) < Double.MIN_NORMAL && hasDigits(plain);
        if (tooLarge || tooSmall) {
            throw new NumberFormatException(text + " is out of range: a number is 0 or from 2.2e-308 to 1.8e308");
        }
        return value;
    }

    /** Whether a digit other than 0 stands in front of the exponent. */
    private static boolean hasDigits(String number) {
        boolean hexadecimal = number.matches("[+-]?0[xX].*");
        String digits =
                hexadecimal ? number.replaceFirst("^[+-]?0[xX]", "").split("[pP]", 2)[0] : number.split("[eE]", 2)[0];
        return digits.chars().anyMatch(c -> c != '0' && Character.digit(c, hexadecimal ? 16 : 10) >= 0);
    }
}
