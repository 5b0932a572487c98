package dev.credence.lab.rollouts;

import dev.credence.core.audit.Audit;
import dev.credence.core.audit.AuditOptions;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.PromptAudit;
import dev.credence.core.audit.RolloutLog;
import dev.credence.core.audit.StepAudit;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides what is drawn next from what was drawn so far, and from nothing else: rounds that double until a pilot is there, then
 * all samples, then more of the prior's draws, thinned, for the prompts whose records do not carry the posteriors, weakest
 * first; and where a width is asked for, for those that make the interval wide. Every draw of the policy is kept: its
 * divergences need all of its texts, and what is kept of five times as many leaves them no narrower (docs/coverage.md).
 */
final class RoundPlanner {
    private static final String ALL_DRAWN = "all samples are drawn";
    private static final int FIRST = 64;
    private static final int PILOT = 256;
    private static final int STEP = 256; // draws come in chunks of so many
    private static final int MOST = 1 << 20; // draws a prompt that nobody asked for
    private static final int GROWTH = 16; // a pilot tells what is needed to about that factor
    private static final double EFFECTIVE = 100; // records
    private static final double LEAST_EFFECTIVE = 30; // where gates begin to warn
    private static final double SHARE_EFFECTIVE = 0.25; // of the samples, where few are asked for
    private static final double UNSEEN = 0.1; // of the posterior's mass; gates warn above 0.2
    private static final double MARGIN = 1.25;
    private static final double KEPT_MORE = 0.25; // of the samples, kept in a round beyond them
    private static final double WIDE = 0.75; // share of the squared widths whose prompts are drawn more of
    private static final double NO_GAIN = 0.95; // a width that shrank by less

    private final RolloutRun.Limits limits;
    private final AuditOptions question;
    private final List<String> prompts;
    private final int pilot; // texts of every stream before anything else

    RoundPlanner(List<String> prompts, RolloutRun.Limits limits, AuditOptions question) {
        this.prompts = List.copyOf(prompts);
        this.limits = limits;
        this.question = question;
        this.pilot = limits.isPlain() ? limits.samples() : Math.min(PILOT, limits.samples());
    }

    /**
     * What was decided.
     *
     * @param round what is drawn next; without targets where nothing is
     * @param words why it ends there, or how it stands
     */
    record Decision(DrawRound round, String words) {}

    /** Gives the log of what was drawn; rewards are computed for it. */
    interface Source {
        /** The log. */
        RolloutLog get() throws IOException;
    }

    /** One prompt's stand. */
    private record Stand(Reach reach, int prior) {}

    /**
     * Decides.
     *
     * @param source gives the log, where it is needed to decide
     * @param draws by prompt: (sources) how many texts prior, policy and, where there is one, the bridge gave
     * @param before the round before, or null at the beginning
     * @return the next round
     */
    Decision next(Source source, List<int[]> draws, @Nullable DrawRound before) throws IOException {
        int fewest =
                draws.stream().mapToInt(own -> own[RolloutLog.POLICY]).min().orElse(0);
        boolean watches = limits.width() > 0 && fewest > 0;
        if (fewest < pilot && !watches) {
            return begin(plain(draws, fewest == 0 ? FIRST : 2 * fewest), Double.POSITIVE_INFINITY, "");
        }
        if (limits.isPlain() && !watches) {
            return stop(Double.POSITIVE_INFINITY, ALL_DRAWN);
        }
        RolloutLog log = source.get();
        StepAudit audit = Audit.of(log, question);
        Precision precision = new Precision(audit, limits.width());
        if (precision.isReached()) {
            return stop(precision.width(), "the Bayes fraction is known to the wanted precision");
        }
        if (fewest < pilot) {
            return begin(plain(draws, 2 * fewest), precision.width(), precision.words());
        }
        List<DrawRound.Target> targets = grown(log, draws, audit, before, precision);
        if (targets.isEmpty()) {
            return stop(precision.width(), reason(before, precision));
        }
        return begin(targets, precision.width(), precision.words());
    }

    private String reason(@Nullable DrawRound before, Precision precision) {
        if (limits.width() > 0 && stalled(before, precision)) {
            return "more draws of the prior no longer narrow the Bayes fraction: its width is that of the policy's samples";
        }
        return ALL_DRAWN;
    }

    private Decision stop(double width, String why) {
        return begin(List.of(), width, why);
    }

    private Decision begin(List<DrawRound.Target> targets, double width, String words) {
        return new Decision(new DrawRound(question.reward(), width, targets), words);
    }

    /** All streams alike, every text kept. */
    private List<DrawRound.Target> plain(List<int[]> draws, int wanted) {
        List<DrawRound.Target> targets = new ArrayList<>();
        int to = Math.min(wanted, limits.samples());
        for (int c = 0; c < prompts.size(); c++) {
            for (byte source = 0; source < draws.get(c).length; source++) {
                int own = source == RolloutLog.PRIOR ? Math.min(to, limits.plainDraws()) : to;
                targets.add(new DrawRound.Target(prompts.get(c), source, own, KeepRule.ALL));
            }
        }
        return targets;
    }

    private List<DrawRound.Target> grown(
            RolloutLog log, List<int[]> draws, StepAudit audit, @Nullable DrawRound before, Precision precision) {
        int reward = log.rewardNames().indexOf(question.reward());
        double[] tilts = {estimate(audit, "copies.moment_match"), asked()};
        Set<String> wide = limits.width() > 0 && !stalled(before, precision) ? widest(audit) : Set.of();
        List<DrawRound.Target> targets = new ArrayList<>();
        for (int c = 0; c < draws.size(); c++) {
            RolloutLog.Prompt prompt = log.prompts().get(c);
            Stand stand = new Stand(new Reach(log, prompt, reward), draws.get(c)[RolloutLog.PRIOR]);
            int prior = prior(stand, tilts, wide.contains(prompt.text()));
            if (prior > stand.prior) {
                targets.add(new DrawRound.Target(prompt.text(), RolloutLog.PRIOR, prior, rule(stand, prior, tilts)));
            }
            for (byte source = RolloutLog.POLICY; source < draws.get(c).length; source++) {
                int own = draws.get(c)[source];
                int to = Math.min(limits.samples(), limits.width() > 0 ? 2 * own : limits.samples());
                if (to > own) {
                    targets.add(new DrawRound.Target(prompt.text(), source, to, KeepRule.ALL));
                }
            }
        }
        return targets;
    }

    /** How many draws of the prior there are to be. */
    private int prior(Stand stand, double[] tilts, boolean isWide) {
        int own = stand.prior;
        int most = limits.draws() > 0 ? limits.draws() : MOST;
        double need = limits.draws() > 0 ? GROWTH : Math.min(GROWTH, MARGIN * shortfall(stand.reach, tilts));
        int plain = limits.width() > 0 ? 2 * own : limits.plainDraws();
        double wanted = Math.max(Math.min(plain, limits.plainDraws()), own);
        if (need > MARGIN) {
            wanted = Math.max(wanted, need * own);
        } else if (isWide && own >= limits.plainDraws()) {
            wanted = 2.0 * own;
        }
        double whole = wanted > limits.plainDraws() ? Math.ceil(wanted / STEP) * STEP : wanted;
        return (int) Math.min(most, whole);
    }

    /** By which factor the draws fall short of what carries the posteriors; 1 where they do not. */
    private double shortfall(Reach reach, double[] tilts) {
        double effective = Math.min(EFFECTIVE, Math.max(LEAST_EFFECTIVE, SHARE_EFFECTIVE * limits.samples()));
        double factor = 1;
        for (double tilt : tilts) {
            if (!Double.isNaN(tilt)) {
                factor = Math.max(factor, effective / reach.effective(tilt));
                factor = Math.max(factor, reach.unseen(tilt) / UNSEEN);
            }
        }
        return factor;
    }

    private KeepRule rule(Stand stand, int to, double[] tilts) {
        int more = to - stand.prior;
        double left = limits.samples() - stand.reach.priorRecords();
        double wanted = Math.max(left, KEPT_MORE * limits.samples());
        if (limits.draws() > to) {
            wanted *= (double) more / (limits.draws() - stand.prior); // the rest is kept of the rounds to come
        }
        return stand.reach.choice().choose(more, wanted, tilts);
    }

    private double asked() {
        Double beta = question.beta();
        return beta == null ? Double.NaN : 1 / beta;
    }

    private boolean stalled(@Nullable DrawRound before, Precision precision) {
        return before != null
                && before.thins()
                && before.width() < Double.POSITIVE_INFINITY
                && precision.width() > NO_GAIN * before.width();
    }

    /** The prompts that make up most of the overall variance, by the squared widths of their own departures. */
    private static Set<String> widest(StepAudit audit) {
        List<PromptAudit> sorted = audit.prompts().stream()
                .sorted(Comparator.comparingDouble(RoundPlanner::variance).reversed())
                .toList();
        double total = sorted.stream().mapToDouble(RoundPlanner::variance).sum();
        Set<String> widest = new HashSet<>();
        double sum = 0;
        for (PromptAudit prompt : sorted) {
            if (!(sum < WIDE * total)) {
                break;
            }
            widest.add(prompt.prompt());
            sum += variance(prompt);
        }
        return widest;
    }

    private static double variance(PromptAudit prompt) {
        Finding departure = prompt.findings().get("kl.departure");
        double width = departure == null ? Double.NaN : departure.upper() - departure.lower();
        return width < Double.POSITIVE_INFINITY ? Math.pow(prompt.weight() * width, 2) : 0;
    }

    private static double estimate(StepAudit audit, String id) {
        Finding found = audit.findings().get(id);
        return found == null ? Double.NaN : found.estimate();
    }

    /** How narrow the watched intervals are. */
    private static final class Precision {
        private final @Nullable Finding fraction;
        private final @Nullable Finding asked;
        private final double moved;
        private final double wanted;

        Precision(StepAudit audit, double wanted) {
            this.fraction = audit.findings().get("bayes_fraction");
            this.asked = audit.findings().get("kl.policy_asked");
            this.moved = estimate(audit, "kl.policy_prior");
            this.wanted = wanted;
        }

        private static double width(@Nullable Finding finding) {
            return finding != null && finding.stands() ? finding.upper() - finding.lower() : Double.POSITIVE_INFINITY;
        }

        /** The wider of the Bayes fraction's interval and that of KL(π‖asked) as a share of it or of the whole move. */
        double width() {
            double width = width(fraction);
            if (asked != null && asked.estimate() < Double.POSITIVE_INFINITY) {
                width = Math.max(width, width(asked) / Math.max(asked.estimate(), moved));
            }
            return Double.isNaN(width) ? Double.POSITIVE_INFINITY : width;
        }

        boolean isReached() {
            return wanted > 0 && width() < wanted;
        }

        String words() {
            if (!(wanted > 0) || fraction == null) {
                return "";
            }
            return String.format(
                    Locale.ROOT,
                    "Bayes fraction %.3f [%.3f, %.3f]%s",
                    fraction.estimate(),
                    fraction.lower(),
                    fraction.upper(),
                    fraction.stands() ? "" : ", withdrawn so far");
        }
    }
}
