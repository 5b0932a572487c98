package dev.credence.worlds;

import dev.credence.core.evidence.RewardFunction;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** Exact draws of all variables: each given those that elimination left for later, the last one first. */
public final class NetworkSampler {
    private final Network network;
    private final String prompt;
    private final List<Factor> joints;

    NetworkSampler(Network network, String prompt, List<Factor> joints) {
        this.network = network;
        this.prompt = prompt;
        this.joints = joints;
    }

    /**
     * One draw.
     *
     * @param text as the template has it
     * @param visible variable to value
     * @param hidden variable to value
     * @param rewards by name
     */
    public record Draw(
            String text, Map<String, String> visible, Map<String, String> hidden, Map<String, Double> rewards) {
        /**
         * Copies the maps.
         *
         * @param text as the template has it
         * @param visible variable to value
         * @param hidden variable to value
         * @param rewards by name
         */
        public Draw {
            visible = new LinkedHashMap<>(visible);
            hidden = new LinkedHashMap<>(hidden);
            rewards = new LinkedHashMap<>(rewards);
        }
    }

    /**
     * Draws.
     *
     * @param random source of randomness
     * @return a text with all values behind it
     */
    public Draw draw(RandomGenerator random) {
        int[] assignment = assignment(random);
        Map<String, String> visible = new LinkedHashMap<>();
        Map<String, String> hidden = new LinkedHashMap<>();
        for (int id = 0; id < assignment.length; id++) {
            Variable variable = network.variables().get(id);
            (variable.isHidden() ? hidden : visible)
                    .put(variable.name(), variable.values().get(assignment[id]));
        }
        String text = network.template().render(assignment, network.variables());
        Map<String, Double> rewards = new LinkedHashMap<>();
        network.rewards().forEach((name, reward) -> {
            RewardFunction ofText = reward.text();
            rewards.put(
                    name, ofText != null ? ofText.reward(prompt, text) : reward.value(assignment, network.variables()));
        });
        return new Draw(text, visible, hidden, rewards);
    }

    private int[] assignment(RandomGenerator random) {
        int[] assignment = new int[network.variables().size()];
        for (int step = joints.size() - 1; step >= 0; step--) {
            Factor joint = joints.get(step);
            int[] variables = joint.variables();
            int variable = variables[variables.length - 1];
            assignment[variable] = value(joint, joint.offset(assignment), joint.sizeOf(variable), random);
        }
        return assignment;
    }

    private static int value(Factor joint, int offset, int size, RandomGenerator random) {
        double most = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < size; i++) {
            most = Math.max(most, joint.log(offset + i));
        }
        double sum = 0;
        for (int i = 0; i < size; i++) {
            sum += Math.exp(joint.log(offset + i) - most);
        }
        double left = random.nextDouble() * sum;
        int last = -1;
        for (int i = 0; i < size; i++) {
            double weight = Math.exp(joint.log(offset + i) - most);
            if (weight > 0) {
                last = i;
                left -= weight;
                if (left < 0) {
                    return i;
                }
            }
        }
        return last; // rounding: the sum fell short of the draw
    }
}
