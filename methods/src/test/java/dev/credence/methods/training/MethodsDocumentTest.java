package dev.credence.methods.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.credence.core.TestWorlds;
import dev.credence.core.audit.Audit;
import dev.credence.core.audit.AuditOptions;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.RolloutLog;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.posterior.Aim;
import dev.credence.core.posterior.TiltedFamily;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.Divergences;
import dev.credence.core.probability.TableModel;
import dev.credence.methods.Conditioned;
import dev.credence.methods.Conditioner;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.Methods;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.hipparchus.distribution.continuous.NormalDistribution;
import org.junit.jupiter.api.Test;

/** The table of docs/methods.md is what this test computes; run it with {@code -Dcredence.write} to write it anew. */
class MethodsDocumentTest {
    private static final TableModel T1 = TableModel.of(TestWorlds.T1);
    private static final RewardFunction REWARD = TestWorlds.reward(TestWorlds.t1Rewards());
    private static final String BEGIN = "<!-- table: begin -->\n";
    private static final String END = "<!-- table: end -->";
    private static final int RECORDS = 10_000;
    private static final RewardFunction APPROVAL = TestWorlds.reward(TestWorlds.t2Probabilities());

    private static final List<String> SETTINGS = List.of(
            "tilt",
            "prompt prompt=c",
            "rejection",
            "poisson beta=0.25",
            "best-of-n n=4",
            "luce n=4",
            "resample n=16",
            "quantilizer q=0.3",
            "smc particles=100000000",
            "twisted-smc particles=16",
            "decision-transformer level=1..2",
            "gdc moment=2",
            "sft observation=c",
            "observation copies=2",
            "feedme threshold=1",
            "top-fraction q=0.25",
            "rwr beta=0.5 samples=1024",
            "awr beta=0.5 samples=1024",
            "awr beta=0.5 max-weight=2 rounds=2 samples=1024",
            "quark quantiles=4 rounds=3 samples=1024",
            "expert-iteration rounds=2 beta=2 samples=1024",
            "expert-iteration rounds=2 n=2 samples=1024",
            "expert-iteration rounds=2 q=0.5 samples=1024",
            "expert-iteration beta=2 prior-share=0.3 rounds=8",
            "distil",
            "f-dpg",
            "f-dpg divergence=reverse-kl",
            "f-dpg divergence=js",
            "f-dpg divergence=tv",
            "f-dpg divergence=chi2",
            "f-dpg divergence=reverse-chi2",
            "reinforce",
            "reinforce baseline=none samples=4096",
            "rloo",
            "rloo kl=loss:k2",
            "rloo kl=loss:k3",
            "rloo kl=loss:k3-ratio",
            "rloo kl=loss:k1",
            "rloo kl=mean-token",
            "rloo entropy=0.3",
            "rloo adaptive-kl=0.4 optimiser=sgd lr=5",
            "rloo beta=2 reset-reference=1000 steps=2000",
            "ppo",
            "grpo",
            "grpo beta=0.04 samples=32768 steps=600 lr=0.3",
            "grpo ratio=sequence",
            "grpo kl=loss:k2 beta=2",
            "dr-grpo kl=loss:k3",
            "dr-grpo",
            "dapo kl=loss:k3",
            "natural-gradient",
            "natural-gradient target-kl=0.5",
            "dpo",
            "ipo",
            "kto");

    @Test
    void theDocumentHoldsTheTable() throws IOException {
        Path file = Path.of("..", "docs", "methods.md");
        assumeTrue(Files.isRegularFile(file), "skipped: the documents are not beside the module");
        String text = Files.readString(file);
        int from = text.indexOf(BEGIN) + BEGIN.length();
        int to = text.indexOf(END);
        assertThat(to).isGreaterThanOrEqualTo(from);
        String table = table();
        if (System.getProperty("credence.write") != null) {
            Files.writeString(file, text.substring(0, from) + table + text.substring(to));
            return;
        }
        assertThat(text.substring(from, to)).isEqualTo(table);
    }

    private static String table() {
        StringBuilder table = new StringBuilder("""
                | method | aims at | minimises on the way | a posterior? | error of the limit, population | sampled: KL(π‖π0), nats | sampled: mean reward | the same in copies | cost |
                |---|---|---|---|---|---|---|---|---|
                """);
        SETTINGS.parallelStream().map(MethodsDocumentTest::row).toList().forEach(table::append);
        return table.toString();
    }

    private static String row(String setting) {
        Conditioner method = Methods.byName(setting.split(" ", -1)[0]);
        RewardFunction reward = setting.startsWith("poisson") ? APPROVAL : REWARD;
        boolean trains = method instanceof TrainedConditioner && !setting.startsWith("natural");
        MethodOptions exact = trains ? LimitsTest.options(setting) : given(setting);
        Aim aim = method.aim(exact);
        String posterior = aim.noPosterior() == null ? "yes" : "no: " + aim.noPosterior();
        if (!aim.hasLimit()) {
            return line(setting, aim.evidence(), aim.divergence(), posterior, "no closed form", "–", "–", "–", "–");
        }
        Distribution limit = aim.limit(T1, reward).given("");
        Distribution reached = method.condition(T1, reward, exact).policy().given("");
        double error = 0;
        for (int i = 0; i < limit.size(); i++) {
            error = Math.max(error, Math.abs(limit.probability(i) - reached.probability(i)));
        }
        assertThat(error).as(setting).isLessThan(1e-6);
        MethodOptions options = given(setting);
        if (trains) {
            options = options.with("train", "true");
            options = options.has("samples") ? options : options.with("samples", 256);
        }
        Conditioned got = method.condition(T1, reward, options);
        String[] sampled = sampled(setting, got.policy().given(""), limit, reward);
        String cost = got.modelCalls().isPresent()
                ? String.format(
                        Locale.ROOT, "%,d texts to train", got.modelCalls().getAsLong())
                : got.drawsPerText().isPresent()
                        ? String.format(
                                Locale.ROOT,
                                "%.3g draws a text",
                                got.drawsPerText().getAsDouble())
                        : "–";
        return line(
                setting,
                aim.evidence(),
                aim.divergence(),
                posterior,
                "< 1e-6",
                sampled[0],
                sampled[1],
                sampled[2],
                cost);
    }

    private static MethodOptions given(String setting) {
        MethodOptions options = MethodOptions.none();
        for (String given : setting.split(" ", -1)) {
            int equals = given.indexOf('=');
            options = equals > 0 ? options.with(given.substring(0, equals), given.substring(equals + 1)) : options;
        }
        return options;
    }

    /** The audit's intervals of draws from the policy that a sampled run arrived at, which must hold the limit's figures. */
    private static String[] sampled(String setting, Distribution policy, Distribution limit, RewardFunction reward) {
        double[] rewards = reward.rewards("", limit);
        Map<String, Finding> found =
                Audit.of(log(policy, rewards), AuditOptions.atBeta("reward", 1)).findings();
        String kl = cell(
                setting, Objects.requireNonNull(found.get("kl.policy_prior")), Divergences.kl(limit, TestWorlds.T1));
        Finding mean = Objects.requireNonNull(found.get("reward.policy"));
        double expected = limit.expectation(rewards);
        boolean oneLevel = Limits.deviation(limit, rewards) < 1e-6;
        if (oneLevel && policy.probability(3) < 1) { // never reached by training, only approached
            assertThat(mean.estimate()).as(setting).isCloseTo(expected, within(0.005));
            String approached = String.format(Locale.ROOT, "%.4f, approached: %.4f", expected, mean.estimate());
            return new String[] {kl, approached, "–"};
        }
        TiltedFamily family = TiltedFamily.of(TestWorlds.T1, rewards);
        double[] interval = widened(mean);
        String copies = String.format(
                Locale.ROOT,
                "%.2f in %.2f–%.2f",
                family.lambdaAtMean(expected),
                family.lambdaAtMean(interval[0]),
                family.lambdaAtMean(interval[1]));
        return new String[] {kl, cell(setting, mean, expected), copies};
    }

    /** The predicted figure in the audit's interval, widened so that all rows' hold together at 95 %. */
    private static String cell(String setting, Finding finding, double predicted) {
        double[] interval = widened(finding);
        assertThat(predicted).as(setting + ", " + finding.id()).isBetween(interval[0] - 1e-9, interval[1] + 1e-9);
        return String.format(Locale.ROOT, "%.4f in %.4f–%.4f", predicted, interval[0], interval[1]);
    }

    private static double[] widened(Finding finding) {
        NormalDistribution normal = new NormalDistribution();
        double factor = normal.inverseCumulativeProbability(1 - 0.025 / (2 * SETTINGS.size()))
                / normal.inverseCumulativeProbability(0.975);
        double at = finding.estimate();
        return finding.id().startsWith("kl.")
                ? new double[] {at * Math.pow(finding.lower() / at, factor), at * Math.pow(finding.upper() / at, factor)
                }
                : new double[] {at - factor * (at - finding.lower()), at + factor * (finding.upper() - at)};
    }

    private static RolloutLog log(Distribution policy, double[] reward) {
        SplittableRandom random = new SplittableRandom(17);
        int n = 2 * RECORDS;
        double[][] rewards = new double[1][n];
        double[] logPrior = new double[n];
        double[] logPolicy = new double[n];
        byte[] source = new byte[n];
        for (int i = 0; i < n; i++) {
            source[i] = i < RECORDS ? RolloutLog.PRIOR : RolloutLog.POLICY;
            int outcome = (i < RECORDS ? TestWorlds.T1 : policy).sample(random);
            rewards[0][i] = reward[outcome];
            logPrior[i] = TestWorlds.T1.logProbability(outcome);
            logPolicy[i] = policy.logProbability(outcome);
        }
        RolloutLog.Prompt prompt = new RolloutLog.Prompt("", 1, 0, n, false, 0, List.of(), List.of());
        return new RolloutLog(
                List.of("reward"),
                List.of("prior", "policy"),
                List.of(prompt),
                new RolloutLog.Columns(rewards, logPrior, logPolicy, source, null, null, null));
    }

    private static String line(String... cells) {
        StringBuilder line = new StringBuilder("|");
        for (String cell : cells) {
            line.append(' ').append(cell.replace("|", "\\|")).append(" |");
        }
        return line.append('\n').toString();
    }
}
