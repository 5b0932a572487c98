package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which prompts an audit of many holds. */
class TellingPromptsTest {
    private static Finding finding(String id, double value) {
        return new Finding(id, "?", value, value, value, Grade.ESTIMATED, "nats", null, null);
    }

    private static PromptAudit prompt(int number, double weight, double departure, double size) {
        Map<String, Finding> findings = new LinkedHashMap<>();
        findings.put("kl.departure", finding("kl.departure", departure));
        if (size > 0 || Double.isNaN(size)) {
            findings.put("ess.mm", finding("ess.mm", size));
        }
        return new PromptAudit("p" + number, weight, 5, 5, findings);
    }

    private static TellingPrompts of(List<PromptAudit> prompts) {
        TellingPrompts telling = new TellingPrompts();
        prompts.forEach(telling);
        return telling;
    }

    @Test
    void upToAThousandAllAreHeldAndNothingIsSaid() {
        List<PromptAudit> prompts =
                IntStream.range(0, 1000).mapToObj(i -> prompt(i, 1, i, 1)).toList();
        assertThat(of(prompts).chosen()).isEqualTo(prompts);
        assertThat(of(prompts).omitted("f")).isNull();
    }

    @Test
    void ofMoreTheLargestSharesAndTheWeakestOthersAreHeldInOrder() {
        SplittableRandom random = new SplittableRandom(5);
        List<PromptAudit> prompts = new ArrayList<>();
        for (int i = 0; i < 3000; i++) {
            prompts.add(prompt(i, random.nextDouble(), random.nextDouble(), 1 + 9 * random.nextDouble()));
        }
        List<PromptAudit> departing = prompts.stream()
                .sorted(Comparator.comparingDouble(
                        p -> -p.weight() * p.findings().get("kl.departure").estimate()))
                .limit(200)
                .toList();
        Set<PromptAudit> expected = new HashSet<>(departing);
        prompts.stream()
                .filter(p -> !departing.contains(p))
                .sorted(Comparator.comparingDouble(
                        p -> p.findings().get("ess.mm").estimate()))
                .limit(100)
                .forEach(expected::add);
        assertThat(of(prompts).chosen())
                .isEqualTo(prompts.stream().filter(expected::contains).toList());
        assertThat(of(prompts).omitted("all.jsonl")).isEqualTo(new OmittedPrompts(3000, 200, 100, "all.jsonl"));
    }

    @Test
    void amongEqualsTheFirstAreHeldAndWhatHasNoFiguresIsWeakest() {
        List<PromptAudit> prompts = new ArrayList<>();
        for (int i = 0; i < 1500; i++) {
            boolean isEmpty = i >= 1450;
            prompts.add(prompt(i, 1, isEmpty ? Double.NaN : 2, isEmpty ? Double.NaN : 3));
        }
        List<PromptAudit> expected = new ArrayList<>(prompts.subList(0, 250));
        expected.addAll(prompts.subList(1450, 1500));
        assertThat(of(prompts).chosen()).isEqualTo(expected);
    }

    @Test
    void exactPromptsAreHeldForTheirDepartureAlone() {
        List<PromptAudit> prompts =
                IntStream.range(0, 1001).mapToObj(i -> prompt(i, 1, i, 0)).toList();
        assertThat(of(prompts).chosen()).isEqualTo(prompts.subList(801, 1001));
        OmittedPrompts omitted = of(prompts).omitted(null);
        assertThat(omitted).isEqualTo(new OmittedPrompts(1001, 200, 0, null));
        assertThat(omitted.words()).contains("200 of 1,001 prompts").endsWith("the others' figures were not kept");
    }

    /** Prompts of few draws, some of one text alone, some without draws of a side. */
    private static RolloutLog log(int prompts, boolean isSound) {
        SplittableRandom random = new SplittableRandom(11);
        List<Logs.Row> rows = new ArrayList<>();
        for (int c = 0; c < prompts; c++) {
            MadeLogs.World world = MadeLogs.random(random);
            int[] counts = {c % 97 == 5 ? 0 : 2 + random.nextInt(4), 2 + random.nextInt(4)};
            rows.addAll(MadeLogs.draw("p" + c, world, isSound ? world : world.sampledAt(.3, 50), counts, random));
        }
        return Logs.of(rows);
    }

    /** Those that are audited alone have the figures that they have where all are, and are the same. */
    @ParameterizedTest
    @CsvSource({"1050, false, false", "1050, true, true", "60, true, false"})
    void anAuditOfThoseThatTellMostIsThatOfAll(int prompts, boolean isSound, boolean dropsThin) {
        RolloutLog log = log(prompts, isSound);
        AuditOptions options = Logs.options(1.0).droppingThin(dropsThin);
        List<PromptAudit> passed = new ArrayList<>();
        StepAudit all = Audit.of(log, options, passed::add);
        assertThat(passed).hasSize(prompts);
        assertThat(Audit.ofTellingPrompts(log, options)).isEqualTo(all);
        assertThat(all.prompts()).hasSize(prompts > 1000 ? 300 : prompts);
    }

    /** Of many prompts nothing is kept that can be found again. */
    @Test
    void whatIsFoundAgainIsWhatWasKept() {
        RolloutLog log = log(40, true);
        List<LogAtoms> atoms = log.prompts().stream()
                .filter(prompt -> prompt.size() > 9)
                .map(prompt -> new LogAtoms(log, prompt, prompt.weight(), 0))
                .toList();
        Evaluation kept = Evaluator.evaluate(
                new PromptPool(atoms.stream().map(a -> PromptAtoms.of(a, 1)).toList()), 1, Influence.Extent.VERDICTS);
        Evaluation again = Evaluator.evaluate(
                new PromptPool(atoms.stream().map(a -> PromptAtoms.ofMany(a, 1)).toList()),
                1,
                Influence.Extent.VERDICTS);
        assertThat(again.findings()).isEqualTo(kept.findings());
        assertThat(again.gates()).isEqualTo(kept.gates());
    }

    /** Found side by side, some at a time, and yet each once and in order. */
    @Test
    void membersOfManyAreTakenInOrder() {
        PromptPool pool = Pools.random(3, 2500, .1);
        List<Integer> places = new ArrayList<>();
        double[] sum = new double[1];
        pool.each(c -> pool.members().get(c).moments().klPolicyPrior(), (c, own) -> {
            places.add(c);
            sum[0] += pool.weight(c) * own;
        });
        assertThat(places).isEqualTo(IntStream.range(0, 2500).boxed().toList());
        assertThat(pool.mean(member -> member.moments().klPolicyPrior()))
                .isPositive()
                .isEqualTo(sum[0]);
    }
}
