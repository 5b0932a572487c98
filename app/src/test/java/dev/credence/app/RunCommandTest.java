package dev.credence.app;

import static dev.credence.core.Vectors.assertVector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.credence.core.TestWorlds;
import dev.credence.core.posterior.TiltedFamily;
import dev.credence.lab.experiments.CopiesConclusion;
import dev.credence.lab.experiments.DataCopies;
import dev.credence.lab.experiments.FiftyCopies;
import dev.credence.lab.experiments.Grid;
import dev.credence.lab.experiments.LatentWorld;
import dev.credence.lab.experiments.PathPoint;
import dev.credence.lab.models.TinyCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunCommandTest {
    private static final String MARK =
            "test-run-command-" + ProcessHandle.current().pid();

    @TempDir
    private static Path folder = Path.of("");

    @AfterAll
    static void deleteRuns() throws IOException {
        if (!Files.isDirectory(Path.of("runs"))) {
            return;
        }
        List<Path> own;
        try (Stream<Path> runs = Files.list(Path.of("runs"))) { // others are another process's, which may be at work
            own = runs.filter(run -> run.toString().contains(MARK)).toList();
        }
        for (Path run : own) {
            try (Stream<Path> files = Files.walk(run)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    @Test
    void listsAndRefuses() {
        assertThat(Cli.run("run", "--list").exits(0).out()).contains("fifty-copies", "certified");
        assertThat(Cli.run("run", "sixty").exits(2).err())
                .contains("known are: amplification, certified, continuity, decision-transformer");
        assertThat(Cli.run("run").exits(2).err()).contains("missing");
        assertThat(Cli.run("run", "fifty-copies", "--quick", "--full").exits(2).err())
                .contains("it is the one or the other");
        assertThat(Cli.run("run", "certified", "--beta", "0").exits(2).err())
                .contains("option --beta is 0; it must be a number from 1e-9");
        assertThat(Cli.run("run", "certified", "--set", "beta=0").exits(2).err())
                .as("what the user wrote")
                .contains("credence: beta is 0; it must be a number from 1e-9")
                .doesNotContain("--beta");
        assertThat(Cli.run("run", "fifty-copies", "--transformer", "--probe", "ROMEO:\n")
                        .exits(2)
                        .err())
                .contains("it is one of the prompts that are rewarded");
        assertThat(Cli.run("run", "certified", "--horizon", "3").exits(2).err()).contains("at most 3,000,000");
    }

    @Test
    void onTheTableEveryMethodReadingAndCoefficientHasItsPath() {
        FiftyCopies.Outcome outcome = FiftyCopies.onTable(Grid.quickTable(), line -> {});
        List<PathPoint> points = outcome.points();
        assertThat(points).allSatisfy(point -> {
            assertThat(point.lower()).isLessThanOrEqualTo(point.copies());
            assertThat(point.kl()).isGreaterThanOrEqualTo(0);
        });
        assertThat(CopiesConclusion.ends(points)).hasSize(4 * (3 * 6 - 1));
        PathPoint expert = last(points, "a", "expert-iteration");
        assertThat(expert.copies())
                .as("50 rounds of a filter by the log-probability")
                .isCloseTo(50, within(1e-6));
        PathPoint rloo = last(points, "b", "rloo");
        assertThat(rloo.copies()).as("a run of finite length").isLessThan(rloo.nominal());
        assertThat(rloo.upper()).isGreaterThan(rloo.lower());
        assertThat(last(points, "b", "ppo").copies())
                .as("PPO's rate falls over all its updates, so that it goes on to the end of its steps")
                .isGreaterThan(points.stream()
                        .filter(point -> point.method().equals("ppo")
                                && point.reading().equals("b")
                                && point.beta() == 0.02
                                && point.step() == 50)
                        .findFirst()
                        .orElseThrow()
                        .copies());
        assertThat(outcome.observed()).hasSize(3 * 6 - 1).allSatisfy(reading -> {
            assertThat(reading.lower()).isLessThanOrEqualTo(reading.copies());
            assertThat(reading.upper()).isGreaterThanOrEqualTo(reading.copies());
            assertThat(reading.residual()).isLessThanOrEqualTo(reading.unread());
            assertThat(reading.lower() == reading.upper() || reading.draws() > 0)
                    .isTrue();
        });
        assertThat(outcome.observed())
                .anySatisfy(reading -> assertThat(reading.upper())
                        .as("an interval of some width")
                        .isGreaterThan(reading.lower() + 0.01));
        assertThat(CopiesConclusion.of(outcome))
                .contains("At β = 0.02, nominally 50 copies (reading c), these were reached:\n- rloo: ")
                .contains("the exact optima count as at most");
    }

    @Test
    void otherFiguresOtherWords() {
        DataCopies few = new DataCopies("table", "exact optimum", 0.02, 1, 1, 1, 0, 0.2, 0);
        PathPoint reached = new PathPoint("table", "c", 0.02, "rloo", 9, 49, 48, 50, 0.99, 3);
        String faithful = CopiesConclusion.of(new FiftyCopies.Outcome(List.of(reached), List.of(few), Map.of()));
        assertThat(faithful)
                .contains(
                        "1 of 1 setting with a penalty (means over their trainings) ended within 10 %",
                        "none fell short")
                .contains("mostly says how many copies come out")
                .contains("\n- rloo: 49 copies [48, 50]; KL 3 nats, Bayes fraction 0.99\n")
                .contains("Each of these ended as a posterior of its reward")
                .contains("The penalty sets how surely the output is good");

        DataCopies many = new DataCopies("table", "exact optimum", 0.02, 7.5, 7.5, 7.5, 0, 0.2, 0);
        DataCopies drawn = new DataCopies("table", "ppo", 0.02, 2, 1, 4, 0.15, 0.2, 1000);
        PathPoint short0 = new PathPoint("table", "c", 0.02, "ppo", 9, 4, 3, 5, 0.4, 3);
        PathPoint over = new PathPoint("plays", "c", 0.1, "grpo", 9, 40, 40, 40, 0.97, 3);
        String other =
                CopiesConclusion.of(new FiftyCopies.Outcome(List.of(short0, over), List.of(many, drawn), Map.of()));
        assertThat(other)
                .contains("On a table, none of 1 setting ", "1 fell short and none overshot")
                .contains("1 of those that fell short is of ppo, whose optimum is 1/β copies: the steps were over")
                .contains("1 overshot: the coefficient does not say how many copies come out")
                .contains("None of these ended as a posterior of its reward")
                .contains("The optima carry over to the probe")
                .contains("\n- ppo: no number of copies; 0.15 of 0.2 nats are left over")
                .contains("On the transformer plays, none of 1 setting ", "none fell short and 1 overshot")
                .contains(
                        "At β = 0.1, nominally 10 copies (reading c)",
                        "\n- grpo: 40 copies (no interval: one seed, or all")
                .contains("1 fell short and none overshot.\n");
        String mixed = CopiesConclusion.of(new FiftyCopies.Outcome(List.of(reached, short0), List.of(), Map.of()));
        assertThat(mixed)
                .contains("rloo ended as a posterior of the reward for 95 % of the KL or more; ppo did not")
                .doesNotContain("Read as data");
    }

    @Test
    void runsOnATransformerAndWritesThePage() throws IOException {
        String model = TinyCheckpoint.write(folder.resolve("tiny"), 1).toString();
        Path prompts = Files.writeString(folder.resolve("prompts.jsonl"), "\"th\"\n\"a\"\n");
        JsonNode root = Cli.run(
                        "run",
                        "fifty-copies",
                        "--quick",
                        "--model",
                        model,
                        "--prompts",
                        prompts.toString(),
                        "--horizon",
                        "2",
                        "--probe",
                        "he",
                        "--run",
                        MARK + "-fifty",
                        "--json")
                .exits(0)
                .json("credence.fifty-copies/1");
        assertThat(root.get("ran").get("tiny").asText())
                .contains("texts of at most 2 tokens", "read as data behind ['he'] against up to 1 copies of");
        List<String> methods = Stream.of("rloo", "ppo", "grpo", "dpo", "expert-iteration", "best-of-n")
                .filter(method -> Stream.iterate(0, i -> i < root.get("paths").size(), i -> i + 1)
                        .map(i -> root.get("paths").get(i))
                        .anyMatch(point -> point.get("method").asText().equals(method)
                                && point.get("place").asText().equals("tiny")))
                .toList();
        assertThat(methods).hasSize(6);
        assertThat(Files.readString(Path.of("runs", MARK + "-fifty", "report.html")))
                .contains("KL(policy‖prior), nats", "steps, rounds or draws (logarithmic)", "tiny, β = 0.02");
        assertThat(Files.readString(Path.of("runs", MARK + "-fifty", "conclusion.txt")))
                .contains(
                        "On the transformer tiny,",
                        "Policies trained at β = 0.02, read as data off the same probe:",
                        "\n- rloo: ");
    }

    @Test
    void theShippedModelIsCertifiedOrSaysThatItIsNot() {
        Cli met = Cli.run(
                "run", "certified", "--horizon", "1", "--steps", "60", "--samples", "128", "--run", MARK + "-met");
        assertThat(met.exits(0).out())
                .contains("Certified: this transformer is the posterior that was asked for", "1,024 texts");
        Cli missed = Cli.run("run", "certified", "--horizon", "1", "--steps", "1", "--run", MARK + "-not", "--json");
        JsonNode root = missed.exits(4).json("credence.certificate/1");
        assertThat(root.get("met").asBoolean()).isFalse();
        assertThat(root.at("/findings/kl.policy_asked/estimate").asDouble()).isGreaterThan(0.01);
    }

    /** T18: tuning the output saturates at one copy; conditioning the author does not. */
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {"1, \"T18.n1\"", "2, \"T18.n2\"", "5, \"T18.n5\"", "50, \"T18.n50\""})
    void aRewardOnTheOutputIsOneCopyAtMost(double copies, String key) {
        LatentWorld world = twoAuthors();
        DataCopies reading = FiftyCopies.optimum(world, 1 / copies);
        double[] reader = world.readers(reading.copies());
        assertVector(reader[1], key, "xlevel_y2");
        assertThat(reading.copies()).isLessThan(1 + 1e-6);
        assertThat(reading.residual()).isLessThan(1e-9);
        double[] approved = {Math.log(.9 * .8 + .1 * .2), Math.log(.2 * .8 + .8 * .2)};
        double[] author =
                TiltedFamily.of(TestWorlds.distribution(.5, .5), approved).logPosterior(copies);
        assertVector(Math.exp(author[0]) * .9 + Math.exp(author[1]) * .2, key, "persona_y2");
    }

    @Test
    void theLimitIsExactlyOneCopy() {
        LatentWorld world = twoAuthors();
        DataCopies limit = FiftyCopies.optimum(world, 0);
        assertVector(world.readers(limit.copies())[1], "T18.xlevel_limit_y2");
        assertThat(limit.copies()).isCloseTo(1, within(1e-6));
    }

    /** With three kinds of author the filter is a mixture that no reader has: something is left over. */
    @Test
    void threeKindsOfAuthorLeaveAResidual() {
        DataCopies half = FiftyCopies.optimum(LatentWorld.standard(), 2);
        assertThat(half.residual()).isGreaterThan(1e-6).isLessThan(half.unread());
        assertThat(FiftyCopies.optimum(LatentWorld.standard(), 0).copies()).isCloseTo(1, within(1e-6));
    }

    private static LatentWorld twoAuthors() {
        return new LatentWorld(new double[] {.5, .5}, new double[] {.2, .9}, .8, 1);
    }

    private static PathPoint last(List<PathPoint> points, String reading, String method) {
        return points.stream()
                .filter(point -> point.reading().equals(reading)
                        && point.beta() == 0.02
                        && point.method().equals(method))
                .reduce((first, second) -> second)
                .orElseThrow();
    }
}
