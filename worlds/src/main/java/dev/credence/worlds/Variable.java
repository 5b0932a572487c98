package dev.credence.worlds;

import java.util.Arrays;
import java.util.List;

/** A variable of a network: its values, what it depends on, and its probabilities given that. */
public final class Variable {
    private final String name;
    private final boolean hidden;
    private final List<String> values;
    private final int[] parents; // ids, in the order of `given`
    private final double[] logRows; // (parents' assignments, values), nats

    Variable(String name, boolean hidden, List<String> values, int[] parents, double[] logRows) {
        this.name = name;
        this.hidden = hidden;
        this.values = List.copyOf(values);
        this.parents = parents.clone();
        this.logRows = logRows.clone();
    }

    /** {@return its name} */
    public String name() {
        return name;
    }

    /** {@return whether texts never show it} */
    public boolean isHidden() {
        return hidden;
    }

    /** {@return its values, in the file's order} */
    public List<String> values() {
        return values;
    }

    /** {@return the positions, in the network's order, of the variables it depends on} */
    public List<Integer> parents() {
        return Arrays.stream(parents).boxed().toList();
    }

    /** Its conditional probabilities as a factor; its own values lie side by side. */
    Factor factor(int id, List<Variable> all) {
        int[] variables = Arrays.copyOf(parents, parents.length + 1);
        variables[parents.length] = id;
        int[] sizes =
                Arrays.stream(variables).map(v -> all.get(v).values.size()).toArray();
        return new Factor(variables, sizes, logRows);
    }

    /** The same, set to a value whatever it depends on. */
    Variable fixed(int value) {
        double[] row = new double[values.size()];
        Arrays.fill(row, Double.NEGATIVE_INFINITY);
        row[value] = 0;
        return new Variable(name, hidden, values, new int[0], row);
    }
}
