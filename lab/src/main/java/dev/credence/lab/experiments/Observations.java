package dev.credence.lab.experiments;

import dev.credence.core.posterior.NoPosteriorException;
import dev.credence.core.provenance.Provenance;
import dev.credence.worlds.Network;
import dev.credence.worlds.Variable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Every prompt of one value that a world has: a value of a variable that texts show, observed; and the world's own prompts, where
 * it has several, alone and together with such an observation.
 */
final class Observations {
    private Observations() {}

    /**
     * One of them.
     *
     * @param name {@code VARIABLE=VALUE}, or the prompt's name
     * @param statesReward whether it fixes a variable that the reward reads: a prompt that states the score
     * @param got what is written behind it
     */
    record Prompted(String name, boolean statesReward, AuthoredTexts.Got got) {}

    /**
     * All that can be observed behind every prompt of the world.
     *
     * @param mixture networks and their shares
     * @param input where they are from
     * @param reward as the user typed it
     * @param author who wrote the texts; null for none
     */
    static List<Prompted> of(
            Map<Network, Double> mixture, Provenance.Input input, String reward, @Nullable String author) {
        Network any = mixture.keySet().iterator().next();
        boolean isOfText = !any.isOfVariables(reward);
        List<Prompted> all = new ArrayList<>();
        observations(any).forEach((name, variable) -> {
            try {
                AuthoredTexts texts =
                        AuthoredTexts.of(mixture, input, new AuthoredTexts.Question(reward, author, List.of(name)));
                boolean states = isOfText || any.variablesOf(reward).contains(variable);
                all.add(new Prompted(name, states, texts.under(AuthoredTexts.Asked.observed())));
            } catch (NoPosteriorException never) {
                // what no text shows behind some prompt can be no prompt of all
                return;
            }
        });
        AuthoredTexts whole = AuthoredTexts.of(mixture, input, new AuthoredTexts.Question(reward, author, List.of()));
        if (whole.prompts().size() > 1) {
            for (AuthoredTexts.Prompt prompt : whole.prompts()) {
                all.add(new Prompted(prompt.name(), false, whole.of(prompt).under(AuthoredTexts.Asked.nothing())));
            }
            both(mixture, input, reward, author).forEach(all::add);
        }
        return all;
    }

    /** Each prompt together with each observation: what is observed behind that prompt alone. */
    private static List<Prompted> both(
            Map<Network, Double> mixture, Provenance.Input input, String reward, @Nullable String author) {
        Network any = mixture.keySet().iterator().next();
        boolean isOfText = !any.isOfVariables(reward);
        List<Prompted> all = new ArrayList<>();
        observations(any).forEach((name, variable) -> {
            AuthoredTexts texts =
                    AuthoredTexts.of(mixture, input, new AuthoredTexts.Question(reward, author, List.of(name)));
            boolean states = isOfText || any.variablesOf(reward).contains(variable);
            for (AuthoredTexts.Prompt prompt : texts.prompts()) {
                AuthoredTexts.Got got = observed(texts.of(prompt));
                if (got != null) {
                    all.add(new Prompted(prompt.name() + ", " + name, states, got));
                }
            }
        });
        return all;
    }

    /** What is written with what was observed; null where no text shows it. */
    private static AuthoredTexts.@Nullable Got observed(AuthoredTexts texts) {
        try {
            return texts.under(AuthoredTexts.Asked.observed());
        } catch (NoPosteriorException never) {
            return null;
        }
    }

    /** Observation to the variable it fixes. */
    static Map<String, String> observations(Network network) {
        Map<String, String> names = new LinkedHashMap<>();
        for (String shown : network.shown()) {
            Variable variable = network.variables().stream()
                    .filter(each -> each.name().equals(shown))
                    .findFirst()
                    .orElseThrow();
            for (String value : variable.values()) {
                names.put(shown + "=" + value, shown);
            }
        }
        return names;
    }

    /** The one of the largest mean reward; the first of equals. */
    static @Nullable Prompted best(List<Prompted> all) {
        Prompted best = null;
        for (Prompted each : all) {
            if (best == null
                    || each.got.mean() > Objects.requireNonNull(best).got.mean()) {
                best = each;
            }
        }
        return best;
    }
}
