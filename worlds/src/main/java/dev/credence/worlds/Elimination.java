package dev.credence.worlds;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Sums a product of factors over all variables but a few, one variable at a time: next is always the one whose
 * neighbours lack the fewest links among each other (min-fill), so that no larger table is built than need be.
 */
final class Elimination {
    private final List<Factor> joints = new ArrayList<>(); // in the order of elimination, its variable last in each
    private final Factor result;
    private int largest = 0;

    /**
     * Eliminates.
     *
     * @param factors every variable is in one of them
     * @param keep variables that stay, in the order the result has them
     */
    Elimination(List<Factor> factors, int... keep) {
        List<Factor> left = new ArrayList<>(factors);
        for (int variable : order(factors, keep)) {
            eliminate(left, variable);
        }
        left.add(new Factor(new int[0], new int[0], new double[1])); // one, where nothing is left
        result = Factor.product(left, keep);
        largest = Math.max(largest, result.cells());
    }

    /** The sum, a factor of the variables that stay. */
    Factor result() {
        return result;
    }

    /** Entries of the largest factor that was built. */
    int largest() {
        return largest;
    }

    /** What was summed over at each step: the product of all factors of the step's variable, which stands last. */
    List<Factor> joints() {
        return List.copyOf(joints);
    }

    private void eliminate(List<Factor> left, int variable) {
        List<Factor> touched = left.stream().filter(f -> f.has(variable)).toList();
        List<Integer> scope = Factor.scope(touched);
        scope.remove(Integer.valueOf(variable));
        scope.add(variable);
        Factor joint = Factor.product(
                touched, scope.stream().mapToInt(Integer::intValue).toArray());
        joints.add(joint);
        largest = Math.max(largest, joint.cells());
        left.removeAll(touched);
        left.add(joint.sumLast());
    }

    private static List<Integer> order(List<Factor> factors, int[] keep) {
        Map<Integer, BitSet> neighbours = neighbours(factors);
        BitSet toGo = new BitSet();
        neighbours.keySet().forEach(toGo::set);
        for (int variable : keep) {
            toGo.clear(variable);
        }
        List<Integer> order = new ArrayList<>();
        while (!toGo.isEmpty()) {
            int next = leastFill(neighbours, toGo);
            BitSet around = around(neighbours, next);
            around.stream().forEach(a -> {
                around(neighbours, a).or(around);
                around(neighbours, a).clear(a);
                around(neighbours, a).clear(next);
            });
            neighbours.remove(next);
            toGo.clear(next);
            order.add(next);
        }
        return order;
    }

    private static Map<Integer, BitSet> neighbours(List<Factor> factors) {
        Map<Integer, BitSet> neighbours = new LinkedHashMap<>();
        for (Factor factor : factors) {
            for (int a : factor.variables()) {
                BitSet around = neighbours.computeIfAbsent(a, none -> new BitSet());
                for (int b : factor.variables()) {
                    if (a != b) {
                        around.set(b);
                    }
                }
            }
        }
        return neighbours;
    }

    private static int leastFill(Map<Integer, BitSet> neighbours, BitSet toGo) {
        int best = -1;
        long least = Long.MAX_VALUE;
        for (int variable = toGo.nextSetBit(0); variable >= 0; variable = toGo.nextSetBit(variable + 1)) {
            BitSet around = around(neighbours, variable);
            long lacking = 0;
            for (int a = around.nextSetBit(0); a >= 0; a = around.nextSetBit(a + 1)) {
                BitSet missing = (BitSet) around.clone();
                missing.andNot(around(neighbours, a));
                lacking += missing.cardinality() - 1; // a itself
            }
            if (lacking < least) {
                least = lacking;
                best = variable;
            }
        }
        return best;
    }

    private static BitSet around(Map<Integer, BitSet> neighbours, int variable) {
        return neighbours.getOrDefault(variable, new BitSet());
    }
}
