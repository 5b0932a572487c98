package dev.credence.worlds;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a network says under one prompt, given evidence or none: marginals, log Z and draws, exact, by elimination.
 * P(h | E) = Σ_x P(h, x) e^{E(x)} / Z.
 */
public final class Inference {
    private final Network network;
    private final String prompt;
    private final List<Factor> conditions; // the prompt's and the population's, then the evidence's
    private final double logCondition; // log-probability of prompt and population, nats

    private Inference(Network network, String prompt, List<Factor> conditions, double logCondition) {
        this.network = network;
        this.prompt = prompt;
        this.conditions = conditions;
        this.logCondition = logCondition;
    }

    /** Without evidence; the event must be possible. */
    static Inference prior(Network network, String prompt, Event event) {
        List<Factor> conditions = event.factors(network.variables());
        Inference plain = new Inference(network, prompt, conditions, 0);
        return new Inference(network, prompt, conditions, plain.logPartition());
    }

    /** The same with evidence, log-likelihoods of some variables' values. */
    Inference and(Factor evidence) {
        List<Factor> all = new ArrayList<>(conditions);
        all.add(evidence);
        return new Inference(network, prompt, all, logCondition);
    }

    /** {@return log of the evidence's expectation under the prompt's prior, nats; 0 without evidence} */
    public double logPartition() {
        return eliminated().result().total() - logCondition;
    }

    /** Whether prompt and population can hold together. */
    boolean isPossible() {
        return logCondition > Double.NEGATIVE_INFINITY;
    }

    /**
     * A marginal, joint where several variables are named.
     *
     * @param names of variables, each once
     * @return probability of each assignment, named by its values with {@code ", "} in between
     * @throws dev.credence.core.provenance.InputException if there is no such variable
     */
    public Map<String, Double> marginal(List<String> names) {
        return marginalOf(names.stream()
                .map(name -> network.names().ofSetting("variable", name))
                .toList());
    }

    /** {@return of each hidden variable the probabilities of its values} */
    public Map<String, Map<String, Double>> hidden() {
        return marginals(true);
    }

    /** {@return of each variable that is not hidden the probabilities of its values} */
    public Map<String, Map<String, Double>> visible() {
        return marginals(false);
    }

    private Map<String, Map<String, Double>> marginals(boolean isHidden) {
        Map<String, Map<String, Double>> marginals = new LinkedHashMap<>();
        for (int id = 0; id < network.variables().size(); id++) {
            Variable variable = network.variables().get(id);
            if (variable.isHidden() == isHidden) {
                marginals.put(variable.name(), marginalOf(List.of(id)));
            }
        }
        return marginals;
    }

    /** {@return of each probe the probabilities of its values} */
    public Map<String, Map<String, Double>> probes() {
        Map<String, Map<String, Double>> probes = new LinkedHashMap<>();
        network.probeVariables().forEach((name, of) -> probes.put(name, marginalOf(of)));
        return probes;
    }

    /** {@return exact draws} */
    public NetworkSampler sampler() {
        List<Factor> factors = new ArrayList<>(conditions);
        for (int id = 0; id < network.variables().size(); id++) {
            factors.add(network.variables().get(id).factor(id, network.variables()));
        }
        return new NetworkSampler(network, prompt, new Elimination(factors).joints());
    }

    /** A normalised marginal, its variables in this order. */
    Factor marginal(int... keep) {
        return eliminated(keep).result().normalised();
    }

    /** Sums out all variables that matter but these. */
    Elimination eliminated(int... keep) {
        BitSet relevant = new BitSet();
        Arrays.stream(keep).forEach(relevant::set);
        conditions.forEach(factor -> Arrays.stream(factor.variables()).forEach(relevant::set));
        List<Variable> all = network.variables();
        List<Factor> factors = new ArrayList<>(conditions);
        for (int id = all.size() - 1; id >= 0; id--) { // children first: what nothing depends on sums to one
            if (relevant.get(id)) {
                all.get(id).parents().forEach(relevant::set);
                factors.add(all.get(id).factor(id, all));
            }
        }
        return new Elimination(factors, keep);
    }

    private Map<String, Double> marginalOf(List<Integer> ids) {
        Factor marginal = marginal(ids.stream().mapToInt(Integer::intValue).toArray());
        Template key = Template.list(ids, ", ");
        int[] assignment = new int[network.variables().size()];
        Map<String, Double> probabilities = new LinkedHashMap<>();
        for (int cell = 0; cell < marginal.cells(); cell++) {
            int[] digits = marginal.digits(cell);
            for (int k = 0; k < digits.length; k++) {
                assignment[ids.get(k)] = digits[k];
            }
            probabilities.merge(key.render(assignment, network.variables()), Math.exp(marginal.log(cell)), Double::sum);
        }
        return probabilities;
    }
}
