package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.audit.MadeLogs.World;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each piece of advice that names an action: the action is taken, and the advice is gone. */
class AdviceTakenTest {
    private static final AuditOptions ASKED = Logs.options(1 / 3.0);

    /** Texts of rewards 0, 1 and 2 in turns; the policy's log-ratio is {@code copies} a reward and noise. */
    private static World world(int texts, double copies, double noise, long seed) {
        RandomGenerator random = new SplittableRandom(seed);
        double[] prior = new double[texts];
        double[] tilt = new double[texts];
        double[] reward = new double[texts];
        for (int i = 0; i < texts; i++) {
            prior[i] = random.nextGaussian();
            reward[i] = .5 * (i % 3);
            tilt[i] = copies * reward[i] + noise * random.nextGaussian();
        }
        return World.of(prior, tilt, reward);
    }

    private static List<Logs.Row> draw(World world, int prior, int policy) {
        return MadeLogs.draw("q", world, world, new int[] {prior, policy}, new SplittableRandom(11));
    }

    private static List<Logs.Row> withoutTexts(List<Logs.Row> rows) {
        return rows.stream()
                .map(r -> new Logs.Row(r.prompt(), r.source(), r.reward(), r.logPrior(), r.logPolicy()))
                .toList();
    }

    private static StepAudit audit(List<Logs.Row> rows) {
        return Audit.of(Logs.of(rows), ASKED);
    }

    private static void isGone(String advice, StepAudit before, StepAudit after) {
        assertThat(before.verdict().advice()).as("before").anyMatch(line -> line.startsWith(advice));
        assertThat(after.verdict().advice()).as("after").noneMatch(line -> line.startsWith(advice));
    }

    private static Gate.Status status(StepAudit audit, String gate) {
        return audit.gates().stream()
                .filter(g -> g.id().equals(gate))
                .findFirst()
                .orElseThrow()
                .status();
    }

    /** A reward of one text in a thousand, which few draws of the prior show: many more, most of them not kept. */
    @Test
    void drawsWhereThePosteriorIs() {
        RandomGenerator random = new SplittableRandom(4);
        int texts = 4_000;
        double[] prior = new double[texts];
        double[] tilt = new double[texts];
        double[] reward = new double[texts];
        for (int i = 0; i < texts; i++) {
            prior[i] = random.nextGaussian();
            reward[i] = i % 1_000 == 0 ? 1 : 0;
            tilt[i] = 6 * reward[i] + .3 * random.nextGaussian();
        }
        World world = World.of(prior, tilt, reward);
        AuditOptions asked = Logs.options(1 / 6.0);
        StepAudit before = Audit.of(Logs.of(withoutTexts(draw(world, 300, 300))), asked);
        StepAudit after = Audit.of(thinned(world, 30_000), asked);
        assertThat(before.findings().get("bayes_fraction").stands()).isFalse();
        isGone("Draw where the posterior is", before, after);
        assertThat(after.findings().get("bayes_fraction").stands()).isTrue();
        // whoever thins and has not enough is not told to thin
        assertThat(before.verdict().advice())
                .anyMatch(advice -> advice.contains("many draws from the prior, thinned by reward"));
        assertThat(Audit.of(thinned(world, 1_500), asked).verdict().advice())
                .anyMatch(advice ->
                        advice.startsWith("Draw where the posterior is: more draws from the prior than these"))
                .noneMatch(advice -> advice.contains("many draws from the prior, thinned by reward"));
    }

    private static RolloutLog thinned(World world, int draws) {
        double kept = .01;
        RandomGenerator keeps = new SplittableRandom(5);
        List<Logs.Row> rows = withoutTexts(draw(world, draws, 300)).stream()
                .filter(r -> r.source() == RolloutLog.POLICY || r.reward() > 0 || keeps.nextDouble() < kept)
                .toList();
        RolloutLog all = Logs.of(rows);
        double[] probability = Arrays.stream(all.columns().rewards()[0])
                .map(r -> r > 0 ? 1 : kept)
                .toArray();
        double[] every = new double[rows.size()];
        Arrays.fill(every, 1);
        RolloutLog.Prompt prompt = new RolloutLog.Prompt(
                "q", 1, 0, rows.size(), false, 0, List.of(), List.of(), new RolloutLog.Draws(draws, 300));
        assertThat(rows).hasSizeLessThan(1_000);
        return new RolloutLog(
                all.rewardNames(),
                all.sources(),
                List.of(prompt),
                all.columns().withKept(new RolloutLog.Kept(probability, every)));
    }

    @Test
    void scoresWithWhatWasSampled() {
        World world = world(60, 3, .3, 1);
        World hot = world.sampledAt(.6, 60);
        List<Logs.Row> drawn = MadeLogs.draw("q", world, hot, new int[] {500, 500}, new SplittableRandom(2));
        List<Logs.Row> scored = drawn.stream()
                .map(r -> new Logs.Row(
                        "q",
                        r.source(),
                        r.reward(),
                        hot.logPrior()[(int) r.text()],
                        hot.logPolicy()[(int) r.text()],
                        -1,
                        false,
                        r.text()))
                .toList();
        isGone("Score every text with the distribution", audit(drawn), audit(scored));
        assertThat(status(audit(scored), "normalisation")).isEqualTo(Gate.Status.PASS);
    }

    @Test
    void addsDrawsFromThePrior() {
        World world = world(60, 3, .3, 1);
        StepAudit after = audit(draw(world, 500, 500));
        isGone("Add draws from the prior", audit(draw(world, 0, 500)), after);
        assertThat(status(after, "blind_spot")).isEqualTo(Gate.Status.PASS);
        assertThat(after.findings().get("bayes_fraction").stands()).isTrue();
    }

    /** A fifth of the texts is hardly written any more; trained towards the posterior itself the policy is it. */
    @Test
    void trainsTowardsThePosterior() {
        World dropping = dropping();
        World posterior = world(60, 3, 0, 1);
        StepAudit before = audit(draw(dropping, 800, 800));
        StepAudit after = audit(draw(posterior, 800, 800));
        isGone("Look at what was dropped", before, after);
        assertThat(status(before, "blind_spot")).isEqualTo(Gate.Status.WARN);
        assertThat(after.findings().get("recall").estimate())
                .isGreaterThan(before.findings().get("recall").estimate() + .1);
    }

    private static World dropping() {
        World member = world(60, 3, 0, 1);
        double[] ratio = IntStream.range(0, 60)
                .mapToDouble(i -> 3 * member.reward()[i] - (i % 5 == 0 ? 9 : 0))
                .toArray();
        return World.of(member.logPrior(), ratio, member.reward());
    }

    @Test
    void drawsMoreRecordsAPrompt() {
        List<World> worlds =
                IntStream.range(0, 12).mapToObj(c -> world(40, 1.5, .4, c)).toList();
        isGone("Draw more records a prompt", audit(prompts(worlds, 1)), audit(prompts(worlds, 200)));
        assertThat(status(audit(prompts(worlds, 200)), "thin_prompts")).isEqualTo(Gate.Status.PASS);
    }

    private static List<Logs.Row> prompts(List<World> worlds, int records) {
        RandomGenerator random = new SplittableRandom(7);
        List<Logs.Row> rows = new ArrayList<>();
        for (int c = 0; c < worlds.size(); c++) {
            World world = worlds.get(c);
            rows.addAll(MadeLogs.draw("p" + c, world, world, new int[] {records, records}, random));
        }
        return rows;
    }

    /** The likeliest half of the texts alone; sampled without truncation, or held against the event of that half. */
    @Test
    void samplesWithoutTruncationOrStatesTheEvent() {
        World whole = world(60, 3, 0, 1);
        World cut = new World(whole.logPrior(), MadeLogs.sampler(whole.logPrior(), 1, 30), whole.reward());
        StepAudit before = audit(draw(cut, 600, 600));
        isGone("A hard filter or a truncated sampler", before, audit(draw(whole, 600, 600)));
        double[] event = Arrays.stream(cut.logPolicy())
                .map(log -> log > Double.NEGATIVE_INFINITY ? 1 : 0)
                .toArray();
        World stated = new World(cut.logPrior(), cut.logPolicy(), event);
        StepAudit after = Audit.of(Logs.of(draw(stated, 600, 600)), Logs.options(0.0));
        isGone("A hard filter or a truncated sampler", before, after);
        assertThat(after.findings().get("kl.policy_asked").estimate()).isCloseTo(0, within(1e-9));
    }

    @Test
    void leavesOutWhatWasWrittenTwice() {
        List<Logs.Row> once = draw(world(2_000, 3, .3, 1), 400, 400);
        List<Logs.Row> twice = new ArrayList<>();
        once.forEach(row -> twice.addAll(List.of(row, row)));
        isGone("Make the records of one text agree", audit(twice), audit(once));
        assertThat(status(audit(once), "same_text")).isEqualTo(Gate.Status.PASS);
    }

    @Test
    void putsColumnsInTheirPlaces() {
        World world = world(60, 3, .3, 1);
        List<Logs.Row> right = draw(world, 500, 500);
        List<Logs.Row> swapped = right.stream()
                .map(r -> new Logs.Row(
                        "q", r.source(), r.reward(), /* logPrior= */ r.logPolicy(), /* logPolicy= */ r.logPrior()))
                .toList();
        isGone("See whether sources or columns are swapped", audit(swapped), audit(right));
    }

    /** What a policy of {@code copies} is told, asked for three; and a policy, or a question, that has taken it. */
    @ParameterizedTest
    @CsvSource({
        "1.5, 0, 3, 3, The reward reached is worth fewer copies than asked",
        "1.5, 0, 1.5, 1.5, The reward reached is worth fewer copies than asked",
        "6, 0, 3, 3, The reward reached is worth more copies than asked",
        "-2, 0, 3, 3, The policy has less of the reward than the prior"
    })
    void trainsAsLongAsAsked(double copies, double noise, double then, double asked, String advice) {
        StepAudit before = Audit.of(Logs.of(draw(world(60, copies, noise, 1), 1_000, 1_000)), ASKED);
        StepAudit after = Audit.of(Logs.of(draw(world(60, then, 0, 1), 1_000, 1_000)), Logs.options(1 / asked));
        isGone(advice, before, after);
    }

    /** A policy that moved, but not by the reward; and one that the reward reached. */
    @Test
    void letsTheRewardReachThePolicy() {
        RandomGenerator random = new SplittableRandom(6);
        double[] prior = new double[60];
        double[] ratio = new double[60];
        double[] reward = new double[60];
        for (int i = 0; i < 60; i++) { // pairs that differ by the reward alone
            prior[i] = i % 2 == 0 ? random.nextGaussian() : prior[i - 1];
            ratio[i] = i % 2 == 0 ? .6 * random.nextGaussian() : ratio[i - 1];
            reward[i] = i % 2;
        }
        World deaf = World.of(prior, ratio, reward);
        World hearing = world(60, 3, 0, 1);
        isGone("The mean reward hardly moved", audit(draw(deaf, 400, 400)), audit(draw(hearing, 1_000, 1_000)));
    }

    /** "state beta = …": the β that the advice itself names. */
    @Test
    void statesTheBetaThatItIsTold() {
        RolloutLog log = Logs.of(draw(world(60, 1.5, 0, 1), 1_000, 1_000));
        StepAudit before = Audit.of(log, ASKED);
        String line = before.verdict().advice().stream()
                .filter(each -> each.contains("state beta = "))
                .findFirst()
                .orElseThrow();
        double beta = Double.parseDouble(line.replaceFirst(".*state beta = ([0-9.e-]+) if.*", "$1"));
        isGone("The reward reached is worth fewer", before, Audit.of(log, Logs.options(beta)));
    }

    @Test
    void statesTheRangeOrDrawsMoreFromThePrior() {
        World exact = world(40, 3, 0, 5);
        RolloutLog some = Logs.of(withoutTexts(draw(exact, 400, 400)));
        StepAudit before = Audit.of(some, ASKED);
        String advice = "No record shows texts rarer";
        isGone(advice, before, Audit.of(some, ASKED.within(new AuditOptions.Range(0, 1))));
        isGone(advice, before, audit(withoutTexts(draw(exact, 8_000, 400))));
        StepAudit wide = Audit.of(some, ASKED.within(new AuditOptions.Range(0, 3))); // stated, and it is no help
        isGone(
                "No record shows texts rarer than some 3 in the number of draws; a family of them, with a reward as",
                before,
                wide);
        assertThat(wide.verdict().advice())
                .anySatisfy(line -> assertThat(line)
                        .startsWith(advice)
                        .contains("with a reward of 3, the largest by its stated range")
                        .doesNotContain("state the reward's range"));
    }

    /** The exact conditional of the same mean reward costs what the advice says that it costs. */
    @Test
    void buysTheSameRewardByRejection() {
        World departed = world(60, 2, 1.2, 3);
        StepAudit before = audit(draw(departed, 3_000, 3_000));
        double lambda = before.findings().get("copies.moment_match").estimate();
        double[] ratio = Arrays.stream(departed.reward()).map(r -> lambda * r).toArray();
        World exact = World.of(departed.logPrior(), ratio, departed.reward());
        StepAudit after = audit(draw(exact, 3_000, 3_000));
        isGone("The same mean reward costs only", before, after);
        Finding cost = before.findings().get("kl.explained");
        assertThat(after.findings().get("kl.policy_prior").estimate())
                .isBetween(cost.lower() - .02, cost.upper() + .02);
        assertThat(after.findings().get("reward.policy").estimate())
                .isCloseTo(before.findings().get("reward.policy").estimate(), within(.05));
    }

    /** A policy that likes length, or is colder or hotter than its prior; the same without. */
    @ParameterizedTest
    @CsvSource({
        "length, .3, Length moved by itself",
        "prior, .5, The policy sharpened the prior",
        "prior, -.4, The policy flattened the prior"
    })
    void movesNothingBesideTheReward(String what, double by, String advice) {
        World plain = world(60, 2, 0, 1);
        double[] ratio = IntStream.range(0, 60)
                .mapToDouble(i ->
                        2 * plain.reward()[i] + by * (what.equals("length") ? tokens(plain, i) : plain.logPrior()[i]))
                .toArray();
        World moved = World.of(plain.logPrior(), ratio, plain.reward());
        isGone(advice, audit(draw(moved, 1_000, 1_000)), audit(draw(plain, 1_000, 1_000)));
    }

    /** As {@link Logs} counts them. */
    private static double tokens(World world, int text) {
        DoubleUnaryOperator count = x -> 1 + Math.round(Math.abs(7 * Math.sin(x)));
        return count.applyAsDouble(world.logPrior()[text] + 3 * world.reward()[text]);
    }

    @Test
    void givesBeta() {
        RolloutLog log = Logs.of(draw(world(60, 3, .3, 1), 500, 500));
        StepAudit before = Audit.of(log, Logs.options(null));
        StepAudit after = Audit.of(log, ASKED);
        isGone("Give the run's KL coefficient", before, after);
        assertThat(before.findings().get("log_z").stands()).isFalse();
        assertThat(after.findings().get("log_z").stands()).isTrue();
    }
}
