package dev.credence.worlds;

import java.util.ArrayList;
import java.util.List;

/**
 * How a text is made of values.
 *
 * @param literals one more than there are variables: what stands before, between and behind them
 * @param variables in the order they stand; one may stand several times
 */
record Template(List<String> literals, List<Integer> variables) {
    Template {
        literals = List.copyOf(literals);
        variables = List.copyOf(variables);
        if (literals.size() != variables.size() + 1) {
            throw new IllegalArgumentException(literals.size() + " literals for " + variables.size() + " variables");
        }
    }

    /** Values one behind the other. */
    static Template list(List<Integer> variables, String separator) {
        List<String> literals = new ArrayList<>();
        for (int i = 0; i <= variables.size(); i++) {
            literals.add(i == 0 || i == variables.size() ? "" : separator);
        }
        return new Template(literals, variables);
    }

    String render(int[] assignment, List<Variable> all) {
        StringBuilder text = new StringBuilder(literals.get(0));
        for (int i = 0; i < variables.size(); i++) {
            int variable = variables.get(i);
            text.append(all.get(variable).values().get(assignment[variable])).append(literals.get(i + 1));
        }
        return text.toString();
    }
}
