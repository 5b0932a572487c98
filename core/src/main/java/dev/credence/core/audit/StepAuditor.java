package dev.credence.core.audit;

import dev.credence.core.evidence.RewardLikelihood;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Puts one audit together: overall, per prompt, held out, candidates, verdicts, plots. */
final class StepAuditor {
    /** Prompts audited at once before they are given on. */
    private static final int TOGETHER = 1024;

    private final AuditOptions options;
    private final List<String> sources;
    private final Function<String, PromptPool> poolByReward;
    private @Nullable Supplier<PromptPool> heldOut;
    private List<ListedPrompt> texts = List.of();
    private Incomplete incomplete = new Incomplete(List.of(), List.of());
    private @Nullable Consumer<PromptAudit> passing;
    private boolean isOfTelling;

    StepAuditor(AuditOptions options, List<String> sources, Function<String, PromptPool> poolByReward) {
        this.options = options;
        this.sources = sources;
        this.poolByReward = poolByReward;
    }

    StepAuditor withHeldOut(@Nullable Supplier<PromptPool> pool) {
        this.heldOut = pool;
        return this;
    }

    StepAuditor withTexts(List<ListedPrompt> prompts) {
        this.texts = prompts;
        return this;
    }

    StepAuditor withIncomplete(Incomplete prompts) {
        this.incomplete = prompts;
        return this;
    }

    /** Gives prompts away as they are audited, and holds only those that tell most. */
    StepAuditor withPassing(Consumer<PromptAudit> taker) {
        this.passing = taker;
        return this;
    }

    /** Audits of many prompts only those one by one that tell most. */
    StepAuditor withTellingAlone() {
        this.isOfTelling = true;
        return this;
    }

    StepAudit audit() {
        PromptPool all = poolByReward.apply(options.reward());
        Evaluation overall = Evaluator.evaluate(all, options.askedCopies(), Influence.Extent.VERDICTS);
        ThinPrompts thin = options.dropThin() ? ThinPrompts.of(overall) : ThinPrompts.NONE;
        PromptPool pool = thin.keep(all);
        if (pool != all) {
            overall = Evaluator.evaluate(pool, options.askedCopies(), Influence.Extent.VERDICTS);
        }
        Map<String, Finding> findings = new LinkedHashMap<>(overall.findings());
        findings.putAll(Population.of(overall));
        if (heldOut != null) {
            findings.putAll(HeldOut.of(overall, heldOut.get()));
        }
        findings.putAll(TextDiversity.of(texts, all.together()));
        thin.note(findings);
        List<Gate> gates = new ArrayList<>(overall.gates());
        gates.replaceAll(gate -> Contradictions.weigh(thin.qualify(gate), findings));
        gates.addAll(incomplete.gates());
        if (!texts.isEmpty()) {
            gates.add(finished());
        }
        RewardLikelihood target = options.aim() == null ? null : options.aim().ofReward();
        Aimed aimed = target == null ? null : Aimed.at(pool, target);
        VerdictWriter writer = new VerdictWriter(options, overall, findings, aimed);
        Map<String, Verdict> verdicts = writer.all(writer.stated());
        verdicts.replaceAll((name, verdict) -> thin.qualify(verdict));
        List<PromptAudit> held = new ArrayList<>();
        TellingPrompts telling = new TellingPrompts();
        Prompts prompts = new Prompts(pool, overall, thin.among(all));
        if (isOfTelling && prompts.size() > OmittedPrompts.MOST) {
            prompts.weigh(telling);
            prompts.audit(telling.places(), held::add);
        } else {
            Consumer<PromptAudit> taker = passing == null ? held::add : passing.andThen(telling);
            prompts.audit(IntStream.range(0, prompts.size()).toArray(), taker);
        }
        return new StepAudit(
                null,
                findings,
                passing == null ? List.copyOf(held) : telling.chosen(),
                gates,
                candidates(pool, overall, thin),
                Objects.requireNonNull(verdicts.get("stated")),
                verdicts,
                PlotData.of(overall.estimates(), sources, options.beta(), options.seed()),
                telling.omitted(null));
    }

    private Gate finished() {
        long cut = texts.stream().mapToLong(each -> each.prompt().cut()).sum();
        long records = texts.stream().mapToLong(each -> each.prompt().size()).sum();
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

    /** The prompts of an audit by their places: those of the pool, those that were left out of it, those that are incomplete. */
    private final class Prompts {
        private final PromptPool pool;
        private final Evaluation overall;
        private final List<PromptAtoms> thin;
        private final List<PromptAudit> incomplete;

        Prompts(PromptPool pool, Evaluation overall, List<PromptAtoms> thin) {
            this.pool = pool;
            this.overall = overall;
            this.thin = thin;
            this.incomplete =
                    StepAuditor.this.incomplete.audits(overall.findings()).toList();
        }

        int size() {
            return pool.size() + thin.size() + incomplete.size();
        }

        /** Says of each what it is chosen by, which takes its estimates alone. */
        void weigh(TellingPrompts telling) {
            pool.each(c -> TellingPrompts.Own.of(pool.members().get(c)), (c, own) -> telling.see(pool.weight(c), own));
            if (!thin.isEmpty()) {
                pool.of(thin).each(c -> TellingPrompts.Own.of(thin.get(c)), (c, own) -> telling.see(0, own));
            }
            incomplete.forEach(telling);
        }

        /** Audits those at some places, in order. */
        void audit(int[] places, Consumer<PromptAudit> taker) {
            List<Gate> ofTheLog = ofTheLog(pool, overall);
            for (int from = 0; from < places.length; from += TOGETHER) {
                int[] some = Arrays.copyOfRange(places, from, Math.min(places.length, from + TOGETHER));
                found(some, place -> of(place, ofTheLog)).forEach(taker);
            }
        }

        private List<PromptAudit> found(int[] some, IntFunction<PromptAudit> audit) {
            Together together = pool.together();
            if (together == null) {
                return Arrays.stream(some).parallel().mapToObj(audit).toList();
            }
            int[] holders = Arrays.stream(some)
                    .map(place -> holder(place, together.place()))
                    .toArray();
            return Arrays.stream(together.find(holders, i -> audit.apply(some[i]), each -> each))
                    .map(PromptAudit.class::cast)
                    .toList();
        }

        private int holder(int place, int here) {
            int behind = place - pool.size();
            if (behind >= thin.size()) {
                return 0; // of an incomplete prompt nothing is found
            }
            return (behind < 0 ? pool.members().get(place) : thin.get(behind))
                    .atoms()
                    .holder(here);
        }

        private PromptAudit of(int place, List<Gate> ofTheLog) {
            if (place < pool.size()) {
                PromptAtoms member = pool.members().get(place);
                return promptAudit(member, pool.weight(place), pool.size() == 1 ? overall : own(member), ofTheLog);
            }
            int behind = place - pool.size();
            return behind < thin.size()
                    ? promptAudit(thin.get(behind), 0, own(thin.get(behind)), ofTheLog)
                    : incomplete.get(behind - thin.size());
        }
    }

    /**
     * The gates whose failure is each prompt's, though its own records may be too few to show it: all but those that pass
     * without the prompts that fail by themselves, for then the fault is theirs.
     */
    private List<Gate> ofTheLog(PromptPool pool, Evaluation overall) {
        List<Gate> failed =
                overall.gates().stream().filter(Withdrawals::isOfTheLog).toList();
        if (failed.isEmpty() || pool.size() == 1) {
            return failed;
        }
        Set<String> ids = failed.stream().map(Gate::id).collect(Collectors.toUnmodifiableSet());
        List<Set<String>> own = new ArrayList<>();
        pool.each(
                c -> failedOfTheLog(new PromptPool(List.of(pool.members().get(c))), ids), (c, gates) -> own.add(gates));
        return failed.stream().filter(gate -> !isOfSome(gate.id(), pool, own)).toList();
    }

    /** The gates alone: no figure is needed to see whose fault a failure is. */
    private static Set<String> failedOfTheLog(PromptPool pool, Set<String> asked) {
        return Gates.ofTheLog(pool, Sources.of(pool), Set.of(), asked::contains).stream()
                .filter(Withdrawals::isOfTheLog)
                .map(Gate::id)
                .collect(Collectors.toUnmodifiableSet());
    }

    private static boolean isOfSome(String gate, PromptPool pool, List<Set<String>> failed) {
        List<PromptAtoms> others = IntStream.range(0, pool.size())
                .filter(c -> !failed.get(c).contains(gate))
                .mapToObj(c -> pool.members().get(c))
                .toList();
        return !others.isEmpty()
                && others.size() < pool.size()
                && !failedOfTheLog(pool.of(others), Set.of(gate)).contains(gate);
    }

    private Evaluation own(PromptAtoms member) {
        return Evaluator.evaluate(new PromptPool(List.of(member)), options.askedCopies(), Influence.Extent.FIGURES);
    }

    /** A prompt's own figures; a gate that says of all records that they cannot be speaks of each prompt's too. */
    private static PromptAudit promptAudit(PromptAtoms member, double weight, Evaluation own, List<Gate> ofAll) {
        Atoms atoms = member.atoms();
        boolean exact = atoms.strata() == 0;
        return new PromptAudit(
                atoms.prompt(),
                weight,
                exact ? 0 : atoms.records(RolloutLog.PRIOR),
                exact ? 0 : atoms.records(RolloutLog.POLICY),
                Withdrawals.ofTheLog(own.findings(), ofAll));
    }

    private List<Candidate> candidates(PromptPool pool, Evaluation overall, ThinPrompts thin) {
        double kl = overall.isUnmoved() ? Double.NaN : overall.estimates().get(Figure.KL_POLICY_PRIOR);
        List<Candidate> fitted = new ArrayList<>();
        for (String name : options.candidates()) {
            boolean isAudited = name.equals(options.reward());
            PromptPool of = isAudited ? pool : thin.keep(poolByReward.apply(name));
            Evaluation own = isAudited || overall.sources() == Sources.EXACT
                    ? overall
                    : Evaluator.evaluate(of, Double.NaN, Influence.Extent.FIGURES);
            fitted.add(Ranking.fit(name, of, kl).standing(own));
        }
        return Ranking.rank(fitted);
    }
}
