package dev.credence.worlds;

import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.NearestName;
import java.util.BitSet;
import java.util.List;
import java.util.TreeMap;
import java.util.function.BiFunction;

/**
 * Finds variables and values by name.
 *
 * @param variables by id
 */
record VariableNames(List<Variable> variables) {
    /** A variable's id, for a setting. */
    int ofSetting(String setting, String name) {
        return variable(name, (value, rule) -> InputException.ofSetting(setting, value, rule));
    }

    /** A variable's id; the error is made of value and rule. */
    int variable(String name, BiFunction<String, String, InputException> error) {
        List<String> known = variables.stream().map(Variable::name).toList();
        int id = known.indexOf(name);
        if (id < 0) {
            throw error.apply("'" + name + "'", "the world has no such variable; " + NearestName.hint(name, known));
        }
        return id;
    }

    /** A value's position; the error is made of value and rule. */
    int value(int variable, String text, BiFunction<String, String, InputException> error) {
        Variable of = variables.get(variable);
        int value = of.values().indexOf(text);
        if (value < 0) {
            throw error.apply(
                    "'" + text + "'", "'" + of.name() + "' has no such value; " + NearestName.hint(text, of.values()));
        }
        return value;
    }

    /** Several of {@code variable=value}, all at once. */
    Event assignments(String setting, List<String> texts) {
        Event all = Event.ALWAYS;
        for (String text : texts) {
            all = all.and(assignment(setting, text));
        }
        return all;
    }

    private Event assignment(String setting, String text) {
        BiFunction<String, String, InputException> error =
                (value, rule) -> InputException.ofSetting(setting, text, rule);
        int equals = text.indexOf('=');
        if (equals < 0) {
            throw error.apply(text, "it is VARIABLE=VALUE");
        }
        int variable = variable(text.substring(0, equals).strip(), error);
        BitSet values = new BitSet();
        values.set(value(variable, text.substring(equals + 1).strip(), error));
        TreeMap<Integer, BitSet> allowed = new TreeMap<>();
        allowed.put(variable, values);
        return new Event(allowed, 0);
    }
}
