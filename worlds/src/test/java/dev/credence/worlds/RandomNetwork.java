package dev.credence.worlds;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;

/** A random network, as YAML and as plain arrays, and every answer by going through all its assignments. */
final class RandomNetwork {
    final int[] sizes;
    final boolean[] hidden;
    final List<int[]> parents = new ArrayList<>();
    final List<double[][]> rows = new ArrayList<>();
    final List<Integer> shown = new ArrayList<>(); // in the text
    final List<Integer> rewarded; // a subset of it
    final double[] rewards;

    RandomNetwork(RandomGenerator random) {
        int count = 2 + random.nextInt(7);
        sizes = random.ints(count, 2, 5).toArray();
        hidden = new boolean[count];
        for (int v = 0; v < count; v++) {
            hidden[v] = v > 0 && random.nextInt(3) == 0;
            if (!hidden[v] && (v == 0 || random.nextInt(4) > 0)) {
                shown.add(v);
            }
            int limit = v;
            int[] of = random.ints(random.nextInt(4), 0, Math.max(1, limit))
                    .distinct()
                    .filter(p -> p < limit)
                    .toArray();
            parents.add(of);
            rows.add(rows(random, cells(of), sizes[v]));
        }
        rewarded = shown.subList(0, Math.min(shown.size(), 1 + random.nextInt(2)));
        rewards = random.doubles(cells(rewarded.stream().mapToInt(i -> i).toArray()), -2, 2)
                .toArray();
    }

    private static double[][] rows(RandomGenerator random, int count, int size) {
        double[][] rows = new double[count][size];
        for (double[] row : rows) {
            Arrays.setAll(row, i -> random.nextInt(5) == 0 ? 0 : random.nextDouble());
            row[random.nextInt(size)] += .1;
            double sum = Arrays.stream(row).sum();
            Arrays.setAll(row, i -> row[i] / sum);
        }
        return rows;
    }

    int cells(int[] of) {
        return Arrays.stream(of).map(v -> sizes[v]).reduce(1, (a, b) -> a * b);
    }

    int row(int[] of, int[] assignment) {
        int row = 0;
        for (int v : of) {
            row = row * sizes[v] + assignment[v];
        }
        return row;
    }

    double reward(int[] assignment) {
        return rewards[row(rewarded.stream().mapToInt(i -> i).toArray(), assignment)];
    }

    String text(int[] assignment) {
        StringBuilder text = new StringBuilder();
        shown.forEach(v -> text.append("v")
                .append(v)
                .append('=')
                .append(value(v, assignment[v]))
                .append(' '));
        return text.toString();
    }

    static String value(int variable, int value) {
        return "abcd".charAt(value) + "" + variable;
    }

    /** Prior mass, with some variables set whatever they depend on. */
    double mass(int[] assignment, Map<Integer, Integer> set) {
        double mass = 1;
        for (int v = 0; v < sizes.length; v++) {
            Integer to = set.get(v);
            mass *= to == null
                    ? rows.get(v)[row(parents.get(v), assignment)][assignment[v]]
                    : to == assignment[v] ? 1 : 0;
        }
        return mass;
    }

    List<int[]> assignments() {
        int[] all = new int[sizes.length];
        Arrays.setAll(all, i -> i);
        List<int[]> assignments = new ArrayList<>();
        for (int cell = 0; cell < cells(all); cell++) {
            int[] assignment = new int[sizes.length];
            int left = cell;
            for (int v = 0; v < sizes.length; v++) {
                assignment[v] = left % sizes[v];
                left /= sizes[v];
            }
            assignments.add(assignment);
        }
        return assignments;
    }

    /** Sums of weights by what the assignments are called. */
    Map<String, Double> sums(java.util.function.Function<int[], String> name, ToDoubleFunction<int[]> weight) {
        Map<String, Double> sums = new TreeMap<>();
        assignments().forEach(a -> sums.merge(name.apply(a), weight.applyAsDouble(a), Double::sum));
        return sums;
    }

    /** The file, variables in reverse so that children come first; row keys of several in the order of `given`. */
    String yaml() {
        StringBuilder yaml = new StringBuilder("world: random\nvariables:\n");
        for (int v = sizes.length - 1; v >= 0; v--) {
            yaml.append("  v").append(v).append(": {");
            yaml.append(hidden[v] ? "hidden: true, " : "");
            if (parents.get(v).length > 0) {
                yaml.append("given: ").append(names(parents.get(v))).append(", ");
            }
            List<String> values = new ArrayList<>();
            for (int i = 0; i < sizes[v]; i++) {
                values.add(value(v, i));
            }
            yaml.append("values: ")
                    .append(values)
                    .append(", table: ")
                    .append(table(v))
                    .append("}\n");
        }
        yaml.append("text: \"");
        shown.forEach(v -> yaml.append("v").append(v).append("={v").append(v).append("} "));
        int[] of = rewarded.stream().mapToInt(i -> i).toArray();
        yaml.append("\"\nrewards:\n  r: {of: ").append(names(of)).append(", table: {");
        for (int i = 0; i < rewards.length; i++) {
            yaml.append(i == 0 ? "" : ", ").append(key(of, i)).append(": ").append(rewards[i]);
        }
        return yaml.append("}}\n").toString();
    }

    private String table(int v) {
        if (parents.get(v).length == 0) {
            return Arrays.toString(rows.get(v)[0]);
        }
        List<String> entries = new ArrayList<>();
        for (int i = 0; i < rows.get(v).length; i++) {
            entries.add(key(parents.get(v), i) + ": " + Arrays.toString(rows.get(v)[i]));
        }
        return "{" + String.join(", ", entries) + "}";
    }

    private String key(int[] of, int row) {
        String key = "";
        int left = row;
        for (int k = of.length - 1; k >= 0; k--) {
            key = value(of[k], left % sizes[of[k]]) + (key.isEmpty() ? "" : ", " + key);
            left /= sizes[of[k]];
        }
        return "\"" + key + "\"";
    }

    private static List<String> names(int[] variables) {
        return Arrays.stream(variables).mapToObj(v -> "v" + v).toList();
    }
}
