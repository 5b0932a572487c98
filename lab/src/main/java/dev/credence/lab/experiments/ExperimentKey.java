package dev.credence.lab.experiments;

import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.NumberText;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/**
 * A key that an experiment can be run with.
 *
 * @param key its name, with dots where it belongs to a part
 * @param standard the value without being set, as it is written
 * @param shape how a value is written
 * @param rule what a value must be, in words
 * @param allowed whether one value, of a list each, keeps the rule
 * @param help what it is, with its unit
 */
public record ExperimentKey(
        String key, String standard, Shape shape, String rule, Predicate<String> allowed, String help) {
    /** How a value is written. */
    public enum Shape {
        /** A number; {@code inf} is one. */
        NUMBER,
        /** Numbers with commas between. */
        NUMBERS,
        /** A text. */
        TEXT,
        /** Texts with commas between. */
        TEXTS
    }

    /** Bounds of numbers. */
    private record Between(double least, double most, boolean whole) implements Predicate<String> {
        @Override
        public boolean test(String text) {
            try {
                double value = number(text);
                return value >= least && value <= most && (!whole || value == Math.rint(value));
            } catch (NumberFormatException e) {
                return false;
            }
        }

        String words() {
            String kind = whole ? "a whole number" : "a number";
            if (least <= -1e15 && most >= 1e15) {
                return kind;
            }
            if (most == Double.POSITIVE_INFINITY || most >= 1e15) {
                return kind + ", " + plain(least) + " or more";
            }
            return kind + " from " + plain(least) + " to " + plain(most);
        }

        private static String plain(double x) {
            return x == Math.rint(x) && Math.abs(x) < 1e15
                    ? Long.toString((long) x)
                    : Double.toString(x).replace(".0E", "e");
        }
    }

    static double number(String text) {
        String trimmed = text.trim();
        return switch (trimmed) {
            case "inf" -> Double.POSITIVE_INFINITY;
            case "-inf" -> Double.NEGATIVE_INFINITY;
            default -> NumberText.parse(trimmed);
        };
    }

    /**
     * A number.
     *
     * @param key its name
     * @param standard without being set
     * @param least included
     * @param most included; infinite for none, so that {@code inf} is a value
     * @param help what it is
     * @return the setting
     */
    public static ExperimentKey number(String key, String standard, double least, double most, String help) {
        Between between = new Between(least, most, false);
        return new ExperimentKey(key, standard, Shape.NUMBER, "it must be " + between.words(), between, help);
    }

    /**
     * A whole number.
     *
     * @param key its name
     * @param standard without being set
     * @param least included
     * @param most included
     * @param help what it is
     * @return the setting
     */
    public static ExperimentKey whole(String key, long standard, long least, long most, String help) {
        Between between = new Between(least, most, true);
        return new ExperimentKey(
                key, Long.toString(standard), Shape.NUMBER, "it must be " + between.words(), between, help);
    }

    /**
     * Numbers.
     *
     * @param key its name
     * @param standard without being set, with commas between
     * @param least of each, included
     * @param most of each, included
     * @param help what they are
     * @return the setting
     */
    public static ExperimentKey numbers(String key, String standard, double least, double most, String help) {
        Between between = new Between(least, most, false);
        return new ExperimentKey(key, standard, Shape.NUMBERS, "each must be " + between.words(), between, help);
    }

    /**
     * Whole numbers.
     *
     * @param key its name
     * @param standard without being set, with commas between
     * @param least of each, included
     * @param most of each, included
     * @param help what they are
     * @return the setting
     */
    public static ExperimentKey wholes(String key, String standard, long least, long most, String help) {
        Between between = new Between(least, most, true);
        return new ExperimentKey(key, standard, Shape.NUMBERS, "each must be " + between.words(), between, help);
    }

    /**
     * A word of some.
     *
     * @param key its name
     * @param words all of them, the standard first
     * @param help what it is
     * @return the setting
     */
    public static ExperimentKey word(String key, List<String> words, String help) {
        return new ExperimentKey(
                key, words.get(0), Shape.TEXT, "it must be one of " + String.join(", ", words), words::contains, help);
    }

    /**
     * A text.
     *
     * @param key its name
     * @param standard without being set; empty for none
     * @param help what it is
     * @return the setting
     */
    public static ExperimentKey text(String key, String standard, String help) {
        return new ExperimentKey(key, standard, Shape.TEXT, "it is a text", text -> true, help);
    }

    /**
     * Texts.
     *
     * @param key its name
     * @param standard without being set, with commas between
     * @param words each must be one of them; empty for any
     * @param help what they are
     * @return the setting
     */
    public static ExperimentKey texts(String key, String standard, List<String> words, String help) {
        return new ExperimentKey(
                key,
                standard,
                Shape.TEXTS,
                words.isEmpty() ? "they are texts" : "each must be one of " + String.join(", ", words),
                text -> words.isEmpty() || words.contains(text),
                help);
    }

    /** {@return the seed of all randomness} */
    public static ExperimentKey seed() {
        return whole("seed", 1, Long.MIN_VALUE >> 12, Long.MAX_VALUE >> 12, "seed of all randomness");
    }

    /** The values of a list, or the one value; checked. */
    List<String> parts(String value) {
        boolean isList = shape == Shape.NUMBERS || shape == Shape.TEXTS;
        List<String> parts = isList
                ? Arrays.stream(value.split(",", -1)).map(String::trim).toList()
                : List.of(shape == Shape.NUMBER ? value.trim() : value);
        for (String part : parts) {
            if (!allowed.test(part)) {
                throw InputException.ofSetting(key, value, rule);
            }
        }
        return parts;
    }
}
