package dev.credence.lab.training;

import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.NumberText;
import java.util.Map;
import java.util.function.Function;

/**
 * Settings of a run's record, read by name.
 *
 * @param values by name, as text
 */
record NamedSettings(Map<String, String> values) {
    String text(String name, String standard) {
        return values.getOrDefault(name, standard);
    }

    long whole(String name, long standard) {
        return read(name, standard, Long::valueOf, "it must be a whole number");
    }

    int number(String name, int standard) {
        return read(name, standard, Integer::valueOf, "it must be a whole number");
    }

    double real(String name, double standard) {
        return read(
                name,
                standard,
                text -> text.equals("inf") ? Double.valueOf(Double.POSITIVE_INFINITY) : (Double) NumberText.parse(text),
                "it must be a number");
    }

    private <T> T read(String name, T standard, Function<String, T> reader, String rule) {
        String text = values.get(name);
        try {
            return text == null ? standard : reader.apply(text);
        } catch (NumberFormatException e) {
            throw InputException.ofSetting(name, String.valueOf(text), rule);
        }
    }
}
