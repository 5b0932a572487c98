package dev.credence.methods.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.credence.core.posterior.NoPosteriorException;
import dev.credence.core.provenance.InputException;
import dev.credence.methods.Conditioner;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.Methods;
import dev.credence.methods.TrainingEnd;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every trained method on random worlds, run to its limit. {@code -Dcredence.hunt=1000 -Dcredence.hunt.texts=1000
 * -Dcredence.hunt.only=grpo} are more worlds of more texts for some settings, and prints each miss.
 */
class PopulationHuntTest {
    private static final int WORLDS = Integer.getInteger("credence.hunt", 6);
    private static final int MOST = Integer.getInteger("credence.hunt.texts", 60);
    private static final boolean FIND = System.getProperty("credence.hunt") != null;

    static Stream<String> settings() {
        String only = System.getProperty("credence.hunt.only", "");
        List<String> all = new ArrayList<>();
        String[] placements = {"reward:k1", "loss:k1", "loss:k2", "loss:k3", "loss:k3-ratio", "mean-token", "none"};
        for (String method : List.of("reinforce", "rloo", "ppo", "grpo", "dr-grpo", "dapo")) {
            for (String kl : placements) {
                all.add(method + " kl=" + kl);
            }
        }
        all.addAll(List.of(
                "ppo epochs=1 kl=loss:k2",
                "grpo epochs=4 kl=loss:k3",
                "ppo baseline=value",
                "reinforce baseline=none",
                "grpo ratio=sequence",
                "rloo entropy=0.3",
                "rloo adaptive-kl=0.4",
                "rloo kl=loss:k2 adaptive-kl=0.1",
                "rloo reset-reference=200 steps=500",
                "grpo reset-reference=500 steps=1000",
                "rloo gamma=0.9",
                "natural-gradient target-kl=0.3",
                "distil",
                "dpo",
                "ipo",
                "kto",
                "sft observation=x0",
                "observation copies=2",
                "feedme",
                "feedme threshold=0",
                "top-fraction q=0.3",
                "top-fraction q=1",
                "expert-iteration rounds=3",
                "expert-iteration rounds=2 n=3",
                "expert-iteration rounds=2 n=1",
                "expert-iteration rounds=2 q=0.5",
                "expert-iteration prior-share=0.3"));
        return all.stream().filter(setting -> setting.startsWith(only));
    }

    @ParameterizedTest
    @MethodSource("settings")
    void everyMethodReachesItsLimitOrRefuses(String setting) {
        Conditioner method = Methods.byName(setting.split(" ", -1)[0]);
        boolean steered = method.card().options().stream()
                .anyMatch(option -> option.name().equals("beta"));
        List<String> missed = new ArrayList<>();
        List<String> refused = new ArrayList<>();
        double worst = 0;
        for (int seed = 0; seed < WORLDS; seed++) {
            RandomTables world = RandomTables.of(seed, MOST);
            MethodOptions options = LimitsTest.options(setting);
            if (steered && !setting.startsWith("natural")) {
                options = options.with("beta", world.beta());
            }
            String which = seed + ": beta " + world.beta() + ", " + world.words();
            try {
                TrainingEnd end = Objects.requireNonNull(
                        method.condition(world.prior(), world.reward(), options).training());
                worst = Math.max(worst, end.distance().orElse(0));
                if (end.isMissed()) {
                    missed.add(which + ": " + end);
                }
            } catch (InputException | NoPosteriorException e) { // what it cannot be asked for in this world
                refused.add(which + ": " + e.getMessage());
            }
        }
        if (FIND) {
            System.out.printf(
                    Locale.ROOT,
                    "%-40s of %d missed %d, refused %d, furthest %.1e%n",
                    setting,
                    WORLDS,
                    missed.size(),
                    refused.size(),
                    worst);
            missed.forEach(System.out::println);
            return;
        }
        assertThat(missed).isEmpty();
        assertThat(refused.size()).as("%s", refused).isLessThan(WORLDS);
    }
}
