package dev.credence.core.audit;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Puts one audit together: overall, per prompt, held out, candidates, verdicts, plots. */
final class StepAuditor {
    private final AuditOptions options;
    private final List<String> sources;
    private final Function<String, Pool> poolByReward;
    private @Nullable Supplier<Pool> heldOut;
    private List<RolloutLog.Prompt> texts = List.of();
    private Incomplete incomplete = new Incomplete(List.of(), List.of());

    StepAuditor(AuditOptions options, List<String> sources, Function<String, Pool> poolByReward) {
        this.options = options;
        this.sources = sources;
        this.poolByReward = poolByReward;
    }

    StepAuditor withHeldOut(@Nullable Supplier<Pool> pool) {
        this.heldOut = pool;
        return this;
    }

    StepAuditor withTexts(List<RolloutLog.Prompt> prompts) {
        this.texts = prompts;
        return this;
    }

    StepAuditor withIncomplete(Incomplete prompts) {
        this.incomplete = prompts;
        return this;
    }

    StepAudit audit() {
        Pool pool = poolByReward.apply(options.reward());
        Evaluation overall = Evaluator.evaluate(pool, options.askedCopies(), Influence.Extent.VERDICTS);
        Map<String, Finding> findings = new LinkedHashMap<>(overall.findings());
        findings.putAll(Population.of(overall));
        if (heldOut != null) {
            findings.putAll(HeldOut.of(overall, heldOut.get()));
        }
        findings.putAll(TextDiversity.of(texts));
        List<Gate> gates = new ArrayList<>(overall.gates());
        gates.addAll(incomplete.gates());
        if (!texts.isEmpty()) {
            gates.add(finished());
        }
        AuditOptions.Aim aim = options.aim();
        Evaluation aimed = aim == null
                ? null
                : Evaluator.evaluate(pool.map(m -> m.asking(aim.evidence())), Double.NaN, Influence.Extent.VERDICTS);
        VerdictWriter writer = new VerdictWriter(options, overall, findings, aimed);
        Verdict verdict = writer.stated();
        return new StepAudit(
                null,
                findings,
                promptAudits(pool, overall),
                gates,
                candidates(pool, overall),
                verdict,
                writer.all(verdict),
                PlotData.of(overall.estimates(), sources, options.beta(), options.seed()));
    }

    private Gate finished() {
        long cut = texts.stream().mapToLong(RolloutLog.Prompt::cut).sum();
        long records = texts.stream().mapToLong(RolloutLog.Prompt::size).sum();
        if (cut > 0) {
            return new Gate(
                    "finished",
                    Gate.Status.WARN,
                    (double) cut / records,
                    Gates.text(
                            "%d of %d texts were cut at the horizon: figures are of texts up to that length, not of"
                                    + " whole texts",
                            cut, records),
                    List.of());
        }
        return new Gate("finished", Gate.Status.PASS, 0, "no text is marked as cut", List.of());
    }

    private List<PromptAudit> promptAudits(Pool pool, Evaluation overall) {
        Stream<PromptAudit> complete = IntStream.range(0, pool.size())
                .parallel()
                .mapToObj(c -> {
                    Member member = pool.members().get(c);
                    Evaluation own = pool.size() == 1
                            ? overall
                            : Evaluator.evaluate(
                                    new Pool(List.of(member)), options.askedCopies(), Influence.Extent.FIGURES);
                    Atoms atoms = member.atoms();
                    boolean exact = atoms.strata() == 0;
                    return new PromptAudit(
                            atoms.prompt(),
                            pool.weight(c),
                            exact ? 0 : atoms.records(RolloutLog.PRIOR),
                            exact ? 0 : atoms.records(RolloutLog.POLICY),
                            own.findings());
                });
        return Stream.concat(complete, incomplete.audits(overall.findings()).stream())
                .toList();
    }

    private List<Candidate> candidates(Pool pool, Evaluation overall) {
        double kl = overall.isUnmoved() ? Double.NaN : overall.estimates().get(Figure.KL_POLICY_PRIOR);
        List<Candidate> fitted = new ArrayList<>();
        for (String name : options.candidates()) {
            fitted.add(Ranking.fit(name, name.equals(options.reward()) ? pool : poolByReward.apply(name), kl));
        }
        return Ranking.rank(fitted);
    }
}
