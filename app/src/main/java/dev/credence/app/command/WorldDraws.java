package dev.credence.app.command;

import dev.credence.app.options.NetworkOptions;
import dev.credence.app.view.LineOutput;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.NearestName;
import dev.credence.core.provenance.Provenance;
import dev.credence.lab.inputs.NetworkInput;
import dev.credence.lab.inputs.WorldInput;
import dev.credence.worlds.Network;
import dev.credence.worlds.NetworkSampler;
import dev.credence.worlds.TableWorld;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Draws texts of a world's prior: of a network with all values behind them, of a table by themselves. */
final class WorldDraws {
    private final Provenance.Input input;
    private final @Nullable Network network;
    private final @Nullable TableWorld table; // null where there are too many texts to write down

    WorldDraws(String world, NetworkOptions options) {
        if (!options.observed().isEmpty()) {
            throw InputException.ofSetting(
                    "observe",
                    String.join(", ", options.observed()),
                    "draws are of the prior; it is about a posterior");
        }
        Optional<NetworkInput> read = NetworkInput.read(world);
        if (read.isPresent()) {
            Network of = read.get().network().given(options.given());
            input = read.get().input();
            network = of;
            table = of.isEnumerable() ? of.table() : null;
        } else {
            options.refuse(world);
            WorldInput whole = WorldInput.read(world);
            input = whole.input();
            network = null;
            table = whole.world();
        }
    }

    Provenance.Input input() {
        return input;
    }

    /** The prompts asked for, all where none is. */
    List<String> prompts(List<String> asked) {
        List<String> known = known();
        for (String prompt : asked) {
            if (!known.contains(prompt)) {
                throw InputException.ofSetting(
                        "prompt",
                        "'" + prompt + "'",
                        "the world has no such prompt; " + NearestName.hint(prompt, known));
            }
        }
        return asked.isEmpty() ? known : asked;
    }

    private List<String> known() {
        if (network != null) {
            return network.prompts();
        }
        return table == null ? List.of() : table.prior().prompts();
    }

    /** Every prompt has a stream of its own, so that its texts do not depend on the other prompts. */
    void write(List<String> prompts, int number, long seed, LineOutput.Lines lines) throws IOException {
        for (String prompt : prompts) {
            RandomGenerator random = new SplittableRandom(seed ^ 0x9E3779B97F4A7C15L * known().indexOf(prompt));
            NetworkSampler sampler =
                    network == null ? null : network.prior(prompt).sampler();
            for (int i = 0; i < number; i++) {
                lines.add(sampler == null ? outcome(prompt, random) : draw(prompt, sampler.draw(random)));
            }
        }
    }

    private Map<String, @Nullable Object> draw(String prompt, NetworkSampler.Draw draw) {
        Map<String, @Nullable Object> line = line(prompt, draw.text());
        line.put("reward", draw.rewards());
        line.put("hidden", draw.hidden());
        line.put("visible", draw.visible());
        return line;
    }

    private Map<String, @Nullable Object> outcome(String prompt, RandomGenerator random) {
        TableWorld world = Objects.requireNonNull(table);
        Distribution outcomes = world.prior().given(prompt);
        String text = outcomes.outcome(outcomes.sample(random));
        Map<String, Double> rewards = new LinkedHashMap<>();
        world.rewardNames().forEach(name -> rewards.put(name, world.reward(name).reward(prompt, text)));
        Map<String, @Nullable Object> line = line(prompt, text);
        line.put("reward", rewards);
        return line;
    }

    private Map<String, @Nullable Object> line(String prompt, String text) {
        Map<String, @Nullable Object> line = new LinkedHashMap<>();
        line.put("prompt", prompt);
        line.put("completion", text);
        if (table != null) {
            TableModel prior = table.prior();
            line.put(
                    "logp",
                    prior.given(prompt).logProbability(prior.given(prompt).indexOf(text)));
        }
        return line;
    }
}
