package dev.credence.methods;

import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.NumberText;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Values of settings as text and back: what is written is read as the same value. Empty text is an absent value. */
final class SettingText {
    private SettingText() {}

    /** A number as people write it: no exponent where few digits do without, no ".0". */
    static String of(double value) {
        if (!Double.isFinite(value)) {
            return Double.toString(value);
        }
        double size = Math.abs(value);
        if (size != 0 && !(size >= 1e-6 && size < 1e15)) {
            return Double.toString(value);
        }
        String plain = BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
        return value == 0 ? (1 / value < 0 ? "-0" : "0") : plain;
    }

    /** Any value of a setting; empty for an absent one. */
    static String of(@Nullable Object value) {
        if (value instanceof Double number) {
            return of(number.doubleValue());
        } else if (value instanceof OptionalDouble number) {
            return number.isPresent() ? of(number.getAsDouble()) : "";
        } else if (value instanceof OptionalInt number) {
            return number.isPresent() ? Integer.toString(number.getAsInt()) : "";
        } else if (value instanceof Optional<?> optional) {
            return optional.isPresent() ? of((@Nullable Object) optional.get()) : "";
        } else if (value instanceof Enum<?> choice) {
            return word(choice);
        } else if (value instanceof Demonstrations texts) {
            return texts.origin();
        }
        return String.valueOf(value);
    }

    private static String word(Enum<?> choice) {
        return choice instanceof Worded worded
                ? worded.word()
                : choice.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Reads a value of a component's type. */
    static Object parse(Type type, String name, String text, Range range) {
        if (type == int.class) {
            return count(name, text, range);
        } else if (type == OptionalInt.class) {
            return text.isEmpty() ? OptionalInt.empty() : OptionalInt.of(count(name, text, range));
        } else if (type == double.class) {
            return number(name, text);
        } else if (type == OptionalDouble.class) {
            return text.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(number(name, text));
        } else if (type == long.class) {
            return whole(name, text);
        } else if (type == boolean.class) {
            return flag(name, text);
        } else if (type == String.class) {
            return text;
        } else if (type == RewardInterval.class) {
            return RewardInterval.parse(name, text);
        } else if (type instanceof ParameterizedType optional && optional.getRawType() == Optional.class) {
            Type inner = optional.getActualTypeArguments()[0];
            boolean absent = text.isEmpty() && inner != String.class;
            return absent ? Optional.empty() : Optional.of(parse(inner, name, text, range));
        } else if (type instanceof Class<?> choices && choices.isEnum()) {
            return choice(choices, name, text);
        }
        throw new IllegalStateException("setting '" + name + "' is of " + type + "; no text is read as that");
    }

    private static double number(String name, String text) {
        try {
            return NumberText.parse(text);
        } catch (NumberFormatException e) {
            throw InputException.ofSetting(name, text.isEmpty() ? "empty" : text, Range.NUMBER.rule());
        }
    }

    private static int count(String name, String text, Range range) {
        double value = number(name, text);
        if (!range.contains(value)) {
            throw InputException.ofSetting(name, text, range.rule());
        }
        return (int) value;
    }

    private static long whole(String name, String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            double value = number(name, text);
            if (value == Math.rint(value) && Math.abs(value) < 1L << 53) {
                return (long) value;
            }
            throw InputException.ofSetting(name, text, "it must be a whole number");
        }
    }

    private static boolean flag(String name, String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw InputException.ofSetting(name, text, "it is true or false");
        };
    }

    private static Object choice(Class<?> type, String name, String text) {
        List<Enum<?>> choices = Arrays.stream(type.getEnumConstants())
                .<Enum<?>>map(each -> (Enum<?>) each)
                .toList();
        return choices.stream()
                .filter(each -> word(each).equals(text))
                .findFirst()
                .orElseThrow(() -> InputException.ofSetting(
                        name,
                        text,
                        "it is one of "
                                + String.join(
                                        ", ",
                                        choices.stream().map(SettingText::word).toList())));
    }
}
