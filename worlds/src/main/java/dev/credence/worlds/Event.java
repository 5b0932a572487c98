package dev.credence.worlds;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Some variables have one of some values: a population, a prompt, an observation.
 *
 * @param allowed variable to its allowed values
 * @param line where it is written, 0 where nowhere
 */
record Event(Map<Integer, BitSet> allowed, long line) {
    /** What always holds. */
    static final Event ALWAYS = new Event(Map.of(), 0);

    /** Both. */
    Event and(Event other) {
        Map<Integer, BitSet> both = new TreeMap<>(allowed);
        other.allowed.forEach((variable, values) -> both.merge(variable, values, (a, b) -> {
            BitSet common = (BitSet) a.clone();
            common.and(b);
            return common;
        }));
        return new Event(both, line);
    }

    /** One factor a variable, 0 or −∞. */
    List<Factor> factors(List<Variable> all) {
        List<Factor> factors = new ArrayList<>();
        allowed.forEach((variable, values) -> {
            int size = all.get(variable).values().size();
            double[] log = new double[size];
            Arrays.setAll(log, i -> values.get(i) ? 0 : Double.NEGATIVE_INFINITY);
            factors.add(new Factor(new int[] {variable}, new int[] {size}, log));
        });
        return factors;
    }
}
