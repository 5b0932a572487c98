package dev.credence.lab.experiments;

import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.posterior.TablePosterior;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import dev.credence.lab.inputs.NetworkInput;
import dev.credence.lab.inputs.WorldInput;
import dev.credence.worlds.Network;
import dev.credence.worlds.Projection;
import dev.credence.worlds.TableWorld;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A reader who knows a whole world and is shown texts alone: of each text it believes that an AI wrote it with the world's
 * P(AI | text), whoever really did. So imitations and a transformer's texts have authors too.
 */
final class TextReader {
    private final TableWorld world;
    private final NetworkInput source;
    private final Map<String, double[]> ai = new LinkedHashMap<>(); // by prompt: (texts) P(AI | text)
    private final Map<String, double[]> byAis = new LinkedHashMap<>(); // by prompt: (texts) P(AI, text)

    TextReader(NetworkInput source, Demonstrators.Authors ais) {
        this.source = source;
        Projection projection = Projection.ofTexts(source.network(), List.of());
        this.world = projection.world();
        for (String prompt : world.prior().prompts()) {
            double[][] log = projection.logJoint(prompt, ais.variable());
            int texts = world.prior().given(prompt).size();
            double[] both = new double[texts];
            double[] share = new double[texts];
            for (int x = 0; x < texts; x++) {
                double all = 0;
                for (int author = 0; author < log.length; author++) {
                    double p = Math.exp(log[author][x]);
                    all += p;
                    both[x] += ais.values().contains(author) ? p : 0;
                }
                share[x] = all > 0 ? both[x] / all : 0;
            }
            ai.put(prompt, share);
            byAis.put(prompt, both);
        }
    }

    /** P(AI | text), (texts) in the order of the world's table. */
    double[] ai(String prompt) {
        return ai.getOrDefault(prompt, new double[0]);
    }

    /** What people write, on the texts of the whole world. */
    TableModel texts(Map<Network, Double> whom) {
        Map<String, double[]> weights = new LinkedHashMap<>();
        whom.forEach((network, share) -> {
            TableModel own = Projection.ofTexts(network, List.of()).world().prior();
            for (String prompt : world.prior().prompts()) {
                Distribution all = world.prior().given(prompt);
                double[] of = weights.computeIfAbsent(prompt, none -> new double[all.size()]);
                for (int x = 0; x < of.length; x++) {
                    of[x] += share * own.given(prompt).probability(all.outcome(x));
                }
            }
        });
        return WrittenReward.wanted(world.prior(), weights);
    }

    /** The same with a share of texts by AIs mixed in; null where behind some prompt no AI writes. */
    @Nullable
    TableModel mixed(TableModel texts, double share) {
        if (byAis.values().stream().anyMatch(of -> Arrays.stream(of).sum() <= 0)) {
            return null;
        }
        TableModel by = WrittenReward.wanted(world.prior(), byAis);
        Map<String, double[]> weights = new LinkedHashMap<>();
        for (String prompt : world.prior().prompts()) {
            double[] of = texts.given(prompt).probabilities();
            double[] other = by.given(prompt).probabilities();
            for (int x = 0; x < of.length; x++) {
                of[x] = (1 - share) * of[x] + share * other[x];
            }
            weights.put(prompt, of);
        }
        return WrittenReward.wanted(world.prior(), weights);
    }

    /** P(AI) of texts that are conditioned on λ copies of a reward. */
    double ai(TableModel texts, String reward, double lambda) {
        RewardFunction of =
                new WorldInput(world, source.input()).reward("reward", reward).function();
        TableModel asked = lambda == 0
                ? texts
                : TablePosterior.of(texts, of, RewardLikelihood.tilt(lambda)).model();
        double sum = 0;
        for (String prompt : asked.prompts()) {
            sum += world.prior().weight(prompt) * asked.given(prompt).expectation(ai(prompt));
        }
        return sum;
    }
}
