package dev.credence.methods.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.credence.core.probability.Divergences;
import dev.credence.core.probability.TableModel;
import dev.credence.methods.Conditioner;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.Methods;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Random worlds. */
class PopulationHuntTest {
    private static final int WORLDS = Integer.getInteger("credence.hunt", 20);
    private static final int MOST = Integer.getInteger("credence.hunt.texts", 100);

    static Stream<String> settings() {
        String only = System.getProperty("credence.hunt.only", "");
        List<String> all = new ArrayList<>();
        String[] kls = {"reward:k1", "reward:k3", "loss:k1", "loss:k2", "loss:k3", "loss:k3-ratio", "mean-token", "none"
        };
        for (String method : List.of("reinforce", "rloo", "ppo", "grpo", "dr-grpo", "dapo")) {
            for (String kl : kls) {
                all.add(method + " kl=" + kl);
                if (List.of("ppo", "grpo").contains(method)) {
                    all.add(method + " epochs=" + (method.equals("ppo") ? 1 : 4) + " kl=" + kl);
                }
            }
        }
        all.addAll(List.of(
                "ppo baseline=value",
                "reinforce baseline=none",
                "grpo ratio=sequence",
                "rloo entropy=0.3",
                "rloo adaptive-kl=0.4",
                "rloo kl=loss:k2 adaptive-kl=0.1",
                "rloo kl=loss:k3 adaptive-kl=0.1",
                "rloo reset-reference=1000 steps=2500",
                "grpo reset-reference=1000 steps=2000",
                "rloo gamma=0.9",
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
    void noneEndsElsewhereInSilence(String setting) {
        Conditioner method = Methods.byName(setting.split(" ", -1)[0]);
        int missed = 0;
        int refused = 0;
        int unknown = 0;
        double worst = 0;
        StringBuilder which = new StringBuilder();
        long from = System.nanoTime();
        long slowest = 0;
        for (int seed = 0; seed < WORLDS; seed++) {
            RandomTables world = RandomTables.of(seed, MOST);
            MethodOptions options = LimitsTest.options(setting);
            if (method.card().options().stream().anyMatch(o -> o.name().equals("beta"))) {
                options = options.with("beta", world.beta());
            }
            long begun = System.nanoTime();
            try {
                if (!method.aim(options).hasLimit()) {
                    unknown++;
                    continue;
                }
                TableModel got =
                        method.condition(world.prior(), world.reward(), options).policy();
                TableModel limit = method.aim(options).limit(world.prior(), world.reward());
                double off = 0;
                for (String prompt : world.prior().prompts()) {
                    double tv = Divergences.totalVariation(got.given(prompt), limit.given(prompt));
                    off = Math.max(off, Double.isNaN(tv) ? 1 : tv);
                }
                worst = Math.max(worst, off);
                if (!(off <= 1e-6)) {
                    missed++;
                    which.append("\n      ")
                            .append(seed)
                            .append(" beta ")
                            .append(world.beta())
                            .append(" off ")
                            .append(off)
                            .append(' ')
                            .append(world.words());
                }
            } catch (IllegalArgumentException | TrainingDivergedException e) {
                refused++;
                which.append("\n      ")
                        .append(seed)
                        .append(" beta ")
                        .append(world.beta())
                        .append(' ')
                        .append(e.getMessage())
                        .append(' ')
                        .append(world.words());
            }
            if (System.nanoTime() - begun > 300_000_000L) {
                which.append("\n      ")
                        .append(seed)
                        .append(" slow, beta ")
                        .append(world.beta())
                        .append(' ')
                        .append(world.words());
            }
            slowest = Math.max(slowest, System.nanoTime() - begun);
        }
        System.out.printf(
                "%-45s of %d: missed %d refused %d unknown %d worst %.1e  %.2f s, slowest %.2f%s%n",
                setting,
                WORLDS,
                missed,
                refused,
                unknown,
                worst,
                (System.nanoTime() - from) * 1e-9,
                slowest * 1e-9,
                System.getProperty("credence.hunt.which") == null ? "" : which);
        assertThat(worst).isLessThan(2);
    }
}
