package dev.credence.methods.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.RandomWorld;
import dev.credence.core.TestWorlds;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.posterior.Aim;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import dev.credence.methods.Conditioned;
import dev.credence.methods.Conditioner;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.Methods;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.junit.jupiter.api.Test;

/**
 * Every method arrives where it did in November 2026, when methods still read their settings as strings: policies and aims, exact, by
 * a few steps enumerated and by a few steps on draws. {@code -Dcredence.write} writes the file anew.
 */
class SameResultsTest {
    private static final Path FILE = Path.of("src", "test", "resources", "dev", "credence", "methods", "policies.txt");
    private static final String ENUMERATED = " population=true steps=40";
    private static final String DRAWN = " train=true steps=25 samples=8 seed=3";

    private static final List<String> SETTINGS = List.of(
            "tilt beta=0.5",
            "prompt prompt=c",
            "rejection beta=2",
            "poisson beta=0.25",
            "best-of-n n=4",
            "best-of-n n=3 rounds=2",
            "luce n=4 rounds=2",
            "resample n=16 beta=0.5",
            "quantilizer q=0.3 rounds=2",
            "decision-transformer",
            "decision-transformer level=0..2",
            "gdc moment=0.4",
            "sft observation=c",
            "observation copies=2",
            "feedme",
            "feedme threshold=1",
            "top-fraction q=0.4",
            "expert-iteration rounds=2 beta=2",
            "expert-iteration rounds=2 n=2",
            "expert-iteration rounds=2 q=0.5 pool=200",
            "expert-iteration beta=2 prior-share=0.3",
            "distil beta=0.5",
            "reinforce",
            "reinforce baseline=none",
            "reinforce baseline=group gamma=0.9",
            "rloo",
            "rloo kl=loss:k2 optimiser=sgd lr=0.3",
            "rloo kl=loss:k3 optimiser=adam",
            "rloo kl=loss:k3-ratio",
            "rloo kl=loss:k1",
            "rloo kl=reward:k3",
            "rloo kl=mean-token",
            "rloo kl=none",
            "rloo beta=0",
            "rloo entropy=0.3",
            "rloo adaptive-kl=0.4",
            "rloo target-kl=0.1",
            "rloo beta=2 reset-reference=10",
            "ppo",
            "ppo baseline=value epochs=2 clip=0.05",
            "ppo clip=0.05 clip-high=0.4",
            "grpo",
            "grpo beta=0.04",
            "grpo ratio=sequence",
            "grpo kl=loss:k2 beta=2",
            "dr-grpo kl=loss:k3",
            "dr-grpo",
            "dapo kl=loss:k3",
            "dapo epochs=3 lr=0.3",
            "dapo epochs=3 lr=0.3 clip=0.01",
            "natural-gradient",
            "natural-gradient target-kl=0.2",
            "natural-gradient steps=7 lr=0.2 beta=0.5",
            "dpo beta=0.5",
            "ipo",
            "kto beta=0.7");

    @Test
    void everyMethodArrivesWhereItDid() throws IOException {
        List<String> now = new ArrayList<>();
        for (String setting : SETTINGS) {
            Conditioner method = Methods.byName(setting.split(" ", -1)[0]);
            boolean trains = method instanceof TrainedConditioner && !setting.startsWith("natural");
            for (String how : trains ? List.of("", ENUMERATED, DRAWN) : List.of("")) {
                if (!how.isEmpty() || !trains || !(setting.startsWith("ppo") || setting.startsWith("rloo"))) {
                    lines(method, setting + (how.isEmpty() && steps(method) ? " steps=25" : how), now);
                }
            }
        }
        if (System.getProperty("credence.write") != null) {
            Files.createDirectories(FILE.getParent());
            Files.write(FILE, now);
            return;
        }
        List<String> then = Files.readAllLines(FILE);
        assertThat(now).hasSameSizeAs(then);
        for (int i = 0; i < now.size(); i++) {
            assertSame(now.get(i), then.get(i));
        }
    }

    private static boolean steps(Conditioner method) {
        return method.card().options().stream().anyMatch(option -> option.name().equals("steps"))
                && !method.card().name().startsWith("natural");
    }

    /** Words equal, numbers to the last bits, which another machine's exponential may round otherwise. */
    private static void assertSame(String now, String then) {
        String[] ours = now.split("\\|", -1);
        String[] theirs = then.split("\\|", -1);
        assertThat(ours).as(then).hasSameSizeAs(theirs);
        for (int i = 0; i < ours.length; i++) {
            if (ours[i].startsWith("#")) {
                double[] got = numbers(ours[i]);
                if (Boolean.getBoolean("credence.bits")) {
                    assertThat(ours[i]).as(then).isEqualTo(theirs[i]);
                }
                assertThat(got).as(then).containsExactly(numbers(theirs[i]), within(1e-9));
            } else {
                assertThat(ours[i]).as(then).isEqualTo(theirs[i]);
            }
        }
    }

    private static double[] numbers(String cell) {
        String[] parts = cell.substring(1).split(" ", -1);
        double[] numbers = new double[parts.length];
        for (int i = 0; i < parts.length; i++) {
            numbers[i] = Double.parseDouble(parts[i]);
        }
        return numbers;
    }

    private static void lines(Conditioner method, String setting, List<String> lines) {
        boolean approval = setting.startsWith("poisson") || setting.startsWith("gdc");
        lines.add(line(
                method,
                setting,
                "t1",
                TableModel.of(TestWorlds.T1),
                approval
                        ? TestWorlds.reward(TestWorlds.t2Probabilities())
                        : TestWorlds.reward(TestWorlds.t1Rewards())));
        if (!setting.startsWith("sft") && !setting.startsWith("prompt")) {
            Map<String, Distribution> rows = new LinkedHashMap<>();
            rows.put("p", RandomWorld.of(2).prior());
            rows.put("q", RandomWorld.of(13).prior());
            RewardFunction raw = (prompt, text) ->
                    RandomWorld.of(prompt.equals("p") ? 2 : 13).reward().reward("", text);
            RewardFunction reward = approval ? (p, t) -> 1 / (1 + Math.exp(-raw.reward(p, t))) : raw;
            lines.add(line(method, setting, "two", TableModel.of(rows, Map.of("p", 2.0, "q", 1.0)), reward));
        }
    }

    private static String line(
            Conditioner method, String setting, String world, TableModel prior, RewardFunction reward) {
        MethodOptions options = MethodOptions.none();
        for (String given : setting.split(" ", -1)) {
            int equals = given.indexOf('=');
            options = equals > 0 ? options.with(given.substring(0, equals), given.substring(equals + 1)) : options;
        }
        StringJoiner line = new StringJoiner("|").add(setting).add(world);
        try {
            Aim aim = method.aim(options);
            line.add(aim.evidence()).add(aim.divergence()).add(String.valueOf(aim.noPosterior()));
            Conditioned got = method.condition(prior, reward, options);
            line.add(probabilities(got.policy()));
            line.add(
                    "#" + got.drawsPerText().orElse(-1) + " " + got.modelCalls().orElse(-1));
            line.add(aim.hasLimit() ? probabilities(aim.limit(prior, reward)) : "no limit");
        } catch (RuntimeException e) {
            line.add(e.getClass().getSimpleName());
        }
        return line.toString();
    }

    private static String probabilities(TableModel policy) {
        StringJoiner all = new StringJoiner(" ", "#", "");
        for (String prompt : policy.prompts()) {
            for (double p : policy.given(prompt).probabilities()) {
                all.add(Double.toString(p));
            }
        }
        return all.toString();
    }
}
