package dev.credence.lab.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.figures.DataTable;
import dev.credence.core.provenance.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ElicitationTest {
    private static final double EXACT = 1e-9;
    private static final double[] AUTHOR = {.7, .2, .07, .03}; // human, expert, ai, mimic
    private static final double[][] QUALITY = {{.5, .35, .15, 0}, {.1, .3, .4, .2}, {0, .1, .3, .6}, {.4, .3, .2, .1}};

    @TempDir
    static Path folder;

    private static Path forum;

    @BeforeAll
    static void write() throws IOException {
        forum = folder.resolve("forum.yaml");
        Files.writeString(forum, Forum.YAML);
    }

    private static ExperimentResult run(Map<String, String> settings) {
        Elicitation experiment = new Elicitation();
        return experiment.run(ExperimentSettings.of(experiment, settings), line -> {});
    }

    private static double estimate(ExperimentResult result, String id) {
        Finding finding = result.findings().get(id);
        assertThat(finding).as(id).isNotNull();
        assertThat(finding.grade()).as(id).isEqualTo(Grade.EXACT);
        return finding.estimate();
    }

    /** By plain sums over authors and qualities. */
    private record Sums(double mean, double ai, double self, double kl) {
        static Sums of(IntToDoubleFunction likelihood) {
            double z = 0;
            double mean = 0;
            double ai = 0;
            double self = 0;
            double log = 0;
            for (int a = 0; a < 4; a++) {
                for (int q = 0; q < 4; q++) {
                    double l = likelihood.applyAsDouble(q);
                    double w = AUTHOR[a] * QUALITY[a][q] * l;
                    z += w;
                    mean += w * q;
                    ai += a >= 2 ? w : 0;
                    self += a == 3 ? w : 0;
                    log += w > 0 ? w * Math.log(l) : 0;
                }
            }
            return new Sums(mean / z, ai / z, self / z, log / z - Math.log(z));
        }

        /** The best share q of all texts; of the level at its edge a part. */
        static Sums top(double q) {
            double left = q;
            double[] kept = new double[4];
            for (int level = 3; level >= 0; level--) {
                double mass = 0;
                for (int a = 0; a < 4; a++) {
                    mass += AUTHOR[a] * QUALITY[a][level];
                }
                kept[level] = Math.max(0, Math.min(1, left / mass));
                left -= mass;
            }
            return of(level -> kept[level]);
        }
    }

    private static List<Object> row(ExperimentResult result, String method, Object asked) {
        DataTable table = Objects.requireNonNull(result.tables().get("frontier"));
        return table.rows().stream()
                .filter(row -> method.equals(row.get(0)) && asked.equals(row.get(1)))
                .map(row -> row.stream().map(cell -> cell == null ? "" : cell).toList())
                .findFirst()
                .orElseThrow();
    }

    /** Quality and cost of a way once AIs are excluded. */
    private static double[] camera(ExperimentResult result, String method, Object asked) {
        DataTable table = Objects.requireNonNull(result.tables().get("human_camera"));
        return table.rows().stream()
                .filter(row -> method.equals(row.get(0)) && asked.equals(row.get(1)))
                .map(row -> row.subList(3, 5).stream()
                        .mapToDouble(cell -> (double) Objects.requireNonNull(cell))
                        .toArray())
                .findFirst()
                .orElseThrow();
    }

    private static void assertRow(ExperimentResult result, String method, String asked, Sums sums) {
        String id = method + "." + asked;
        assertThat(estimate(result, id + ".quality")).as(id).isCloseTo(sums.mean, within(EXACT));
        assertThat(estimate(result, id + ".ai")).as(id).isCloseTo(sums.ai, within(EXACT));
        List<Object> row = row(result, method, Double.parseDouble(asked));
        double[] expected = {sums.mean, sums.ai, sums.self, sums.kl};
        for (int i = 0; i < 4; i++) {
            assertThat((double) row.get(2 + i)).as(id + " column " + i).isCloseTo(expected[i], within(EXACT));
        }
    }

    @Test
    void everyRowIsASumOverTheAuthors() {
        ExperimentResult result = run(Map.of("lambdas", ".5,4,-1", "q", ".5,.07,1", "levels", "3,1"));
        for (String lambda : List.of(".5", "4", "-1")) {
            assertRow(result, "rl", lambda, Sums.of(q -> Math.exp(Double.parseDouble(lambda) * q)));
        }
        for (String share : List.of(".5", ".07", "1")) {
            assertRow(result, "quantilizer", share, Sums.top(Double.parseDouble(share)));
        }
        for (String level : List.of("3", "1")) {
            assertRow(result, "level", level, Sums.of(q -> q == Integer.parseInt(level) ? 1 : 0));
            assertRow(result, "prompt", level, Sums.of(q -> q == Integer.parseInt(level) ? 1 : 0));
        }
        assertThat(result.tables().get("frontier").columns())
                .containsExactly("method", "asked", "quality", "p_ai", "p_self", "kl");
        double odd = .07 * (.1 * .2 + .3 * .25 + .6 * .3) + .03 * (.7 * .02 + .2 * .03 + .1 * .05);
        double others = .7 * (.85 * .01 + .15 * .02) + .2 * (.4 * .01 + .4 * .02 + .2 * .03);
        assertThat(estimate(result, "prompt.mark=odd.ai")).isCloseTo(odd / (odd + others), within(EXACT));
    }

    @ParameterizedTest
    @ValueSource(strings = {".1", ".2", ".45", "1"})
    void enoughIsTheBestThatIsAccepted(String accepted) {
        ExperimentResult result = run(Map.of("ai", accepted));
        double most = result.tables().get("frontier").rows().stream()
                .filter(row -> (double) Objects.requireNonNull(row.get(3)) <= Double.parseDouble(accepted))
                .mapToDouble(row -> (double) Objects.requireNonNull(row.get(2)))
                .max()
                .orElseThrow();
        assertThat(estimate(result, "enough")).isEqualTo(most);
        List<Object> chosen = result.tables().get("enough").rows().get(0).stream()
                .map(Objects::requireNonNull)
                .toList();
        assertThat(result.findings().get("enough").question()).contains((String) chosen.get(0));
        assertThat((double) chosen.get(3)).isLessThanOrEqualTo(Double.parseDouble(accepted));
        assertThat(result.conclusion()).contains("just enough comes by");
    }

    @Test
    void copiesThatAreJustEnough() {
        ExperimentResult result = run(Map.of("ai", ".3"));
        double lambda = estimate(result, "enough.lambda");
        Sums at = Sums.of(q -> Math.exp(lambda * q));
        assertThat(at.ai).isCloseTo(.3, within(EXACT));
        assertThat(estimate(result, "enough.rl")).isCloseTo(at.mean, within(EXACT));
        assertThat(estimate(run(Map.of("ai", ".6")), "enough.lambda"))
                .as("even the best there is comes from an AI with less")
                .isInfinite();
        assertThat(estimate(run(Map.of()), "enough.lambda"))
                .as("the prior has what is accepted")
                .isZero();
        assertThat(run(Map.of("ai", ".05")).findings().get("enough.lambda").reason())
                .contains("the prior itself");
    }

    @Test
    void nothingIsEnoughWhereNoWayIsAccepted() {
        ExperimentResult result = run(Map.of("ai", "0"));
        assertThat(result.findings().get("enough").stands()).isFalse();
        assertThat(result.conclusion()).contains("No way of asking").doesNotContain("NaN");
    }

    @Test
    void aCameraOfHumansCostsWhatItExcludes() {
        ExperimentResult result = run(Map.of());
        assertThat(estimate(result, "human_camera.cost")).isCloseTo(-Math.log(.9), within(EXACT));
        assertThat(estimate(result, "human_camera.quality")).isCloseTo((.7 * .65 + .2 * 1.7) / .9, within(EXACT));
        Sums all = Sums.of(q -> Math.exp(2 * q));
        double[] human = new double[2];
        for (int a = 0; a < 2; a++) {
            for (int q = 0; q < 4; q++) {
                double w = AUTHOR[a] * QUALITY[a][q] * Math.exp(2 * q);
                human[0] += w;
                human[1] += w * q;
            }
        }
        assertThat(camera(result, "rl", 2.0)[0]).isCloseTo(human[1] / human[0], within(EXACT));
        assertThat(camera(result, "rl", 2.0)[1]).isCloseTo(-Math.log(1 - all.ai), within(EXACT));
    }

    /** The control: where AIs write as everybody does, quality says nothing of the author. */
    @Test
    void whereAisWriteLikeEverybodyNothingAsksForThem() throws IOException {
        Path file = folder.resolve("alike.yaml");
        Files.writeString(file, """
                variables:
                  author: {hidden: true, values: {human: .8, ai: .2}}
                  worth: {values: {low: .7, high: .3}}
                text: "{worth}"
                rewards: {worth: {of: [worth], table: {low: 0, high: 1}}}
                """);
        ExperimentResult result = run(Map.of("world", file.toString(), "reward", "worth", "levels", "0,1"));
        result.tables()
                .get("frontier")
                .rows()
                .forEach(row ->
                        assertThat((double) Objects.requireNonNull(row.get(3))).isCloseTo(.2, within(EXACT)));
        assertThat(result.conclusion()).contains("quality says nothing of the author");
        assertThat(run(Map.of()).conclusion()).doesNotContain("says nothing");
        assertThat(row(result, "rl", 1.0).get(4))
                .as("nobody here is this model")
                .isEqualTo("");
    }

    @Test
    void whatWasNeverSeenIsWithdrawn() {
        ExperimentResult result = run(Map.of("levels", "2,5"));
        Finding never = Objects.requireNonNull(result.findings().get("level.5.quality"));
        assertThat(never.stands()).isFalse();
        assertThat(never.reason()).isEqualTo("never seen");
        assertThat(result.findings().get("level.5.ai").stands()).isFalse();
        assertThat(result.findings().get("prompt.5.ai").reason()).isEqualTo("never seen");
        assertThat(row(result, "level", 5.0).subList(2, 6)).containsOnly("");
        assertThat(result.conclusion()).doesNotContain("NaN");
        String none = run(Map.of("levels", "7", "world", forum.toString(), "reward", "value", "ais", "bots"))
                .findings()
                .get("level.7.quality")
                .reason();
        assertThat(none).startsWith("never seen");
    }

    @Test
    void aWorldOfOnesOwnWithPrompts() {
        Map<String, String> settings = Map.of(
                "world",
                forum.toString(),
                "reward",
                "value",
                "ais",
                "bots",
                "self",
                "writer=star",
                "levels",
                "4,-1",
                "lambdas",
                ".3",
                "q",
                ".2");
        ExperimentResult result = run(settings);
        assertThat(estimate(result, "rl..3.quality"))
                .isCloseTo(
                        Forum.mean(w -> true, text -> Math.exp(.3 * text.value()), Forum.Text::value), within(EXACT));
        assertThat(estimate(result, "level.4.ai"))
                .isCloseTo(
                        Forum.mean(w -> true, text -> text.worth() == 2 ? 1 : 0, text -> text.writer() == 2 ? 1 : 0),
                        within(EXACT));
        assertThat(estimate(result, "prompt.4.ai")).isCloseTo(estimate(result, "level.4.ai"), within(EXACT));
        assertThat(estimate(result, "prompt.tone=warm.quality"))
                .isCloseTo(Forum.mean(w -> true, text -> text.tone() == 1 ? 1 : 0, Forum.Text::value), within(EXACT));
        assertThat(estimate(result, "prompt.a.quality"))
                .isCloseTo(
                        Forum.texts(1).stream()
                                .mapToDouble(text -> text.p() * text.value())
                                .sum(),
                        within(EXACT));
        assertThat((double) row(result, "rl", .3).get(4))
                .isCloseTo(
                        Forum.mean(w -> true, text -> Math.exp(.3 * text.value()), text -> text.writer() == 1 ? 1 : 0),
                        within(EXACT));
        assertThat(camera(result, "level", 4.0)[1])
                .isCloseTo(
                        -Forum.logShare(text -> text.worth() == 2 ? 1 : 0, text -> text.writer() < 2), within(EXACT));
        assertThat(camera(result, "rl", .3)[0])
                .isCloseTo(
                        Forum.mean(w -> w < 2, text -> Math.exp(.3 * text.value()), Forum.Text::value), within(EXACT));
    }

    @Test
    void rewardsOfTheTextWork() {
        ExperimentResult result = run(Map.of(
                "world",
                forum.toString(),
                "reward",
                "letters",
                "ais",
                "bots",
                "levels",
                "3",
                "lambdas",
                "1",
                "q",
                ".5"));
        assertThat(estimate(result, "rl.1.ai"))
                .isCloseTo(
                        Forum.mean(w -> true, text -> Math.exp(text.letters()), text -> text.writer() == 2 ? 1 : 0),
                        within(EXACT));
        assertThat(result.findings().get("prompt.3.quality").reason()).contains("states this reward");
    }

    @Test
    void refusesWhatItCannotAnswer() {
        assertThatThrownBy(() -> run(Map.of("world", "helpful", "reward", "beauty", "levels", "1")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("says nobody to be an AI");
        assertThatThrownBy(() -> run(Map.of("world", "t1")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("must be a Bayesian network");
        assertThatThrownBy(() -> run(Map.of("ais", "author=robot")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("robot");
        assertThatThrownBy(() -> run(Map.of("q", "0"))).isInstanceOf(InputException.class);
        assertThatThrownBy(() -> run(Map.of("ai", "2"))).isInstanceOf(InputException.class);
        assertThatThrownBy(() -> run(Map.of("reward", "beauty")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("beauty");
    }

    @Test
    void picturesHaveAPointAWay() {
        ExperimentResult result = run(Map.of());
        assertThat(result.pictures()).hasSize(2);
        assertThat(IntStream.range(0, 2).mapToObj(i -> result.pictures().get(i).id()))
                .containsExactly("frontier", "human_camera");
    }

    /** Where AIs write worse than people, more is asked for less of them: what is accepted is met from above. */
    @Test
    void copiesThatBringAnAiDownToWhatIsAccepted() throws IOException {
        Path file = folder.resolve("poor.yaml");
        Files.writeString(file, """
                variables:
                  author: {hidden: true, values: {human: .6, ai: .4}}
                  worth: {given: [author], values: [low, high], table: {human: [.5, .5], ai: [.9, .1]}}
                text: "{worth}"
                rewards: {worth: {of: [worth], table: {low: 0, high: 1}}}
                """);
        Map<String, String> settings = Map.of("world", file.toString(), "reward", "worth", "levels", "1", "ai", ".2");
        ExperimentResult result = run(settings);
        double lambda = estimate(result, "enough.lambda");
        double high = Math.exp(lambda);
        double ai = .4 * (.9 + .1 * high);
        double human = .6 * (.5 + .5 * high);
        assertThat(ai / (ai + human)).isCloseTo(.2, within(EXACT));
        assertThat(estimate(result, "enough.rl")).isCloseTo((.04 + .3) * high / (ai + human), within(EXACT));
        assertThat(result.findings().get("enough.lambda").question()).contains("falls");
        assertThat(result.conclusion()).contains("falls to it");
        Map<String, String> less = new HashMap<>(settings);
        less.put("ai", ".1");
        assertThat(run(less).findings().get("enough.lambda").reason())
                .as("the best texts are an AI's with .04 of .34")
                .contains("no λ above 0 brings it down");
    }

    /** Two small trainings beside the exact rows, which stay as they are; the same again from the same seed. */
    @Test
    void transformersAreAskedToo() {
        Map<String, String> plain = Map.of("levels", "2,5", "lambdas", "1,inf", "q", ".5", "ai", ".8");
        Map<String, String> tiny = new HashMap<>(plain);
        tiny.putAll(Map.of(
                "transformer", "yes",
                "transformer.seeds", "2",
                "transformer.steps", "40",
                "transformer.tuning", "5",
                "transformer.samples", "16"));
        ExperimentResult result = run(tiny);
        run(plain)
                .findings()
                .forEach((id, finding) ->
                        assertThat(result.findings().get(id)).as(id).isEqualTo(finding));
        for (String way : List.of("prior", "level.2", "rl.1", "conditioned.1", "conditioned.inf", "quantilizer..5")) {
            for (String of : List.of(".quality", ".ai", ".self")) {
                Finding finding = result.findings().get("transformer." + way + of);
                assertThat(finding).as(way + of).isNotNull();
                assertThat(finding.grade()).isEqualTo(Grade.ESTIMATED);
                assertThat(finding.estimate()).isBetween(0.0, of.equals(".quality") ? 3.0 : 1.0);
                assertThat(finding.lower()).isLessThanOrEqualTo(finding.estimate());
                assertThat(finding.upper()).isGreaterThanOrEqualTo(finding.estimate());
            }
        }
        assertThat(result.findings().get("transformer.level.2.quality").estimate())
                .as("every text of that return has it")
                .isCloseTo(2, within(EXACT));
        assertThat(result.findings().get("transformer.conditioned.inf.quality").estimate())
                .isCloseTo(3, within(EXACT));
        assertThat(result.findings())
                .doesNotContainKey("transformer.level.5.quality")
                .doesNotContainKey("transformer.rl.inf.quality");
        assertThat(result.conclusion()).contains("tuned by RL at λ = 1");
        Finding enough = result.findings().get("transformer.enough");
        double most = result.findings().values().stream()
                .filter(ai -> ai.id().matches("transformer\\..*\\.ai") && ai.upper() <= .8)
                .mapToDouble(ai -> result.findings()
                        .get(ai.id().replaceFirst("ai$", "quality"))
                        .estimate())
                .max()
                .orElse(Double.NaN);
        assertThat(enough.estimate()).isEqualTo(most).isPositive();
        assertThat(run(tiny).findings()).isEqualTo(result.findings());
    }
}
