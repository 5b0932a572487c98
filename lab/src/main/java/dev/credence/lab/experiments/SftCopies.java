package dev.credence.lab.experiments;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.figures.Picture;
import dev.credence.core.probability.LogMath;
import dev.credence.core.provenance.InputException;
import dev.credence.lab.runs.Listener;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Fine-tuning on an observation against having it in the prompt, in a world of authors z with weights w: how many copies of the
 * observation fine-tuning amounts to (docs/theory.md, fine-tuning on an observation).
 */
public final class SftCopies implements Experiment {
    private static final double STEP = 1e-3; // of the flow's time, Runge-Kutta of fourth order
    private static final double ROUNDING = 1e-14; // nats

    /** For the service loader. */
    public SftCopies() {}

    @Override
    public String name() {
        return "sft-copies";
    }

    @Override
    public String question() {
        return "Is fine-tuning on an observation like having seen it, and how often?";
    }

    @Override
    public List<String> related() {
        return List.of("fifty-copies", "continuity");
    }

    @Override
    public List<KeyFigure> keyFigures(ExperimentSettings settings) {
        List<String> copies = settings.texts("copies");
        String some = copies.get(copies.size() / 2);
        String last = longest(settings);
        return List.of(
                KeyFigure.of(
                                "copies of " + some + " natural steps (transformers: of "
                                        + settings.texts("transformer.optimisers")
                                                .get(0) + ")",
                                "natural." + some + ".copies",
                                some)
                        .onTransformers("transformer.sft." + some + ".copies"),
                KeyFigure.of(
                                "copies of ordinary gradient flow, time " + last,
                                "flow." + last + ".copies",
                                "no number of copies, misfit above 0")
                        .expecting("flow." + last + ".misfit"),
                KeyFigure.of("copies of " + some + " prompted ones", "prompt." + some + ".copies", some)
                        .onTransformers("transformer.prompt." + some + ".copies"));
    }

    @Override
    public List<ExperimentKey> settings() {
        List<ExperimentKey> settings = new ArrayList<>(List.of(
                ExperimentKey.numbers(
                        "weights", ".5,.3,.2", 1e-12, 1, "prior weights of the authors; they add up to 1"),
                ExperimentKey.numbers(
                        "likelihood", ".1,.4,.8", 1e-12, 1, "probability of the observation under each author"),
                ExperimentKey.numbers("probe", ".2,.5,.9", 0, 1, "probability of what is asked next under each author"),
                ExperimentKey.wholes(
                        "copies", "1,2,5,20", 1, 10_000, "how often the observation is seen, prompted or learnt"),
                ExperimentKey.numbers("flow", "1,5,20", 0, 1000, "times of the ordinary gradient flow on the logits")));
        settings.addAll(SftCopiesOnTransformer.settings());
        return settings;
    }

    @Override
    public Map<String, String> standards(Effort effort) {
        return SftCopiesOnTransformer.standards(effort);
    }

    /** Authors and an observation. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Authors(double[] weights, double[] likelihood, double[] probe) {
        Authors(ExperimentSettings settings) {
            this(settings.numbers("weights"), settings.numbers("likelihood"), settings.numbers("probe"));
            if (likelihood.length != weights.length || probe.length != weights.length) {
                throw InputException.ofSetting(
                        "likelihood",
                        settings.text("likelihood"),
                        "weights, likelihood and probe are of the same authors");
            }
            settings.requireShares("weights");
        }

        /** Whether the observation tells authors apart at all. */
        boolean isTold() {
            return Arrays.stream(likelihood).distinct().count() > 1;
        }

        /** Logs of the weights before. */
        double[] prior() {
            return Arrays.stream(weights).map(Math::log).toArray();
        }

        /** Logs of the weights after so many copies, by Bayes' rule. */
        double[] seen(double copies) {
            return updated(prior(), copies);
        }

        private double[] updated(double[] at, double copies) {
            double[] logs = new double[at.length];
            Arrays.setAll(logs, z -> at[z] + copies * Math.log(likelihood[z]));
            return normalised(logs);
        }

        private static double[] normalised(double[] logs) {
            double logZ = LogMath.logSumExp(logs);
            double[] next = logs.clone();
            Arrays.setAll(next, z -> logs[z] - logZ);
            return next;
        }

        /**
         * One natural-gradient step of unit size on −log p(o), in the logits of the weights: Fisher's matrix there is
         * diag(w) − w wᵀ, so that the step adds the centred p(z | o)/w(z) to them, which is EM's multiplication by p(o|z)/p(o)
         * to first order; the exact step of mirror descent multiplies.
         */
        double[] naturalStep(double[] at) {
            return updated(at, 1); // in logs, so that an author that is all but excluded keeps its weight
        }

        double observed(double[] at) {
            double sum = 0;
            for (int z = 0; z < at.length; z++) {
                sum += at[z] * likelihood[z];
            }
            return sum;
        }

        double predictive(double[] at) {
            double sum = 0;
            for (int z = 0; z < at.length; z++) {
                sum += Math.exp(at[z]) * probe[z];
            }
            return sum;
        }

        /** Logs of the weights after a time of d logit = ∇ log p(o) dt. */
        double[] flow(double time) {
            double[] logits = prior();
            int steps = (int) Math.ceil(time / STEP);
            double h = steps == 0 ? 0 : time / steps;
            for (int i = 0; i < steps; i++) {
                double[] k1 = slope(logits);
                double[] k2 = slope(plus(logits, h / 2, k1));
                double[] k3 = slope(plus(logits, h / 2, k2));
                double[] k4 = slope(plus(logits, h, k3));
                for (int z = 0; z < logits.length; z++) {
                    logits[z] += h / 6 * (k1[z] + 2 * k2[z] + 2 * k3[z] + k4[z]);
                }
            }
            return steps == 0 ? logits : normalised(logits);
        }

        private static double[] plus(double[] at, double h, double[] slope) {
            double[] next = at.clone();
            Arrays.setAll(next, z -> at[z] + h * slope[z]);
            return next;
        }

        /** ∂ log p(o) / ∂ logit z = p(z | o) − w(z). */
        private double[] slope(double[] logits) {
            double[] w = normalised(logits);
            Arrays.setAll(w, z -> Math.exp(w[z]));
            double p = observed(w);
            double[] slope = new double[w.length];
            Arrays.setAll(slope, z -> w[z] * (likelihood[z] / p - 1));
            return slope;
        }

        /** (slope, R²) of log w_after/w_before on log p(o|z), weighted by the prior weights; none where that is the same for all. */
        double[] copies(double[] after) {
            double meanX = 0;
            double meanY = 0;
            for (int z = 0; z < after.length; z++) {
                meanX += weights[z] * Math.log(likelihood[z]);
                meanY += weights[z] * (after[z] - Math.log(weights[z]));
            }
            double xx = 0;
            double xy = 0;
            double yy = 0;
            for (int z = 0; z < after.length; z++) {
                double x = Math.log(likelihood[z]) - meanX;
                double y = after[z] - Math.log(weights[z]) - meanY;
                xx += weights[z] * x * x;
                xy += weights[z] * x * y;
                yy += weights[z] * y * y;
            }
            if (!isTold()) {
                return new double[] {Double.NaN, Double.NaN};
            }
            return new double[] {xy / xx, yy <= ROUNDING * ROUNDING ? 1 : Math.min(1, xy * xy / (xx * yy))};
        }
    }

    @Override
    public ExperimentResult run(ExperimentSettings settings, Listener listener) {
        Authors authors = new Authors(settings);
        SftCopiesOnTransformer transformer = SftCopiesOnTransformer.of(settings);
        ExperimentResult.Builder result = ExperimentResult.builder();
        DataTable.Builder table = DataTable.of(
                "Weights of the authors", "way", "how much", "copies", "misfit, 1 − R²", "next", "weights");
        double[] at = authors.prior();
        int done = 0;
        int[] all = Arrays.stream(settings.counts("copies")).sorted().distinct().toArray();
        double worst = 0;
        for (int copies : all) {
            while (done < copies) {
                at = authors.naturalStep(at);
                done++;
            }
            double[] bayes = authors.seen(copies);
            worst = Math.max(worst, Math.abs(authors.predictive(at) - authors.predictive(bayes)));
            natural(authors, copies, at, result);
            double[] prompted = authors.copies(bayes);
            fit(
                    result,
                    "prompt." + copies + ".copies",
                    "Copies that " + copies + " in the prompt count as?",
                    prompted[0],
                    "copies");
            fit(
                    result,
                    "epochs." + copies + ".copies",
                    "Copies that natural-gradient fine-tuning counts as, epochs: " + copies + "?",
                    authors.copies(at)[0],
                    "copies");
            table.row(
                    "natural",
                    copies,
                    authors.copies(at)[0],
                    1 - authors.copies(at)[1],
                    authors.predictive(at),
                    words(at));
            table.row("prompt", copies, prompted[0], 1 - prompted[1], authors.predictive(bayes), words(bayes));
        }
        result.exact(
                "natural.worst",
                "Largest difference of fine-tuning's and prompting's predictions, natural steps?",
                worst,
                "probability");
        flows(authors, settings, result, table, listener);
        result.table("weights", table.build());
        picture(authors, result);
        String exact = conclusion(settings, result);
        if (transformer == null) {
            return result.conclude(
                    exact,
                    "The authors are a few numbers, and the whole of what is learnt is their weights, of which the natural gradient is"
                            + " exact: whether a transformer's fine-tuning moves a latent like this, and what else it moves, is measured with a transformer.");
        }
        return result.conclude(
                exact,
                transformer.run(result, listener),
                "The transformer is small, it has read such authors and nothing else, and the observation is a single token:"
                        + " a language model may keep what it is fine-tuned on elsewhere, and another learning rate is another"
                        + " number of copies.");
    }

    private static void natural(Authors authors, int copies, double[] at, ExperimentResult.Builder result) {
        for (int z = 0; z < at.length; z++) {
            result.exact(
                    "natural." + copies + ".weight." + (z + 1),
                    "Weight of author " + (z + 1) + " after natural-gradient steps: " + copies + "?",
                    Math.exp(at[z]),
                    "probability");
        }
        result.exact(
                "natural." + copies + ".predictive",
                "Probability of what is asked next, after natural-gradient steps: " + copies + "?",
                authors.predictive(at),
                "probability");
        fit(
                result,
                "natural." + copies + ".copies",
                "Copies that natural-gradient steps count as, steps: " + copies + "?",
                authors.copies(at)[0],
                "copies");
    }

    private static void flows(
            Authors authors,
            ExperimentSettings settings,
            ExperimentResult.Builder result,
            DataTable.Builder table,
            Listener listener) {
        List<String> written = settings.texts("flow");
        double[] times = settings.numbers("flow");
        for (int i = 0; i < times.length; i++) {
            double[] at = authors.flow(times[i]);
            double[] fit = authors.copies(at);
            String id = "flow." + written.get(i);
            fit(result, id + ".copies", "Copies that ordinary gradient flow counts as?", fit[0], "copies");
            fit(result, id + ".misfit", "How little any number of copies describes it, 1 − R²?", 1 - fit[1], "share");
            result.exact(
                    id + ".predictive",
                    "Probability of what is asked next, after the flow?",
                    authors.predictive(at),
                    "probability");
            table.row("flow", times[i], fit[0], 1 - fit[1], authors.predictive(at), words(at));
            listener.accept("flow " + written.get(i) + ": " + FigureFormat.of(fit[0]) + " copies");
        }
    }

    /** A figure of how many copies describe a move. */
    private static void fit(ExperimentResult.Builder result, String id, String question, double value, String unit) {
        Finding finding = new Finding(id, question, value, value, value, Grade.EXACT, unit, null, null);
        result.finding(
                Double.isNaN(value)
                        ? finding.withdrawn("the observation is as likely under every author: it tells none apart,"
                                + " however often it is seen")
                        : finding);
    }

    private static String words(double[] logWeights) {
        List<String> words = new ArrayList<>();
        for (double weight : logWeights) {
            words.add(FigureFormat.of(Math.exp(weight)));
        }
        return String.join(" ", words);
    }

    private static void picture(Authors authors, ExperimentResult.Builder result) {
        int count = 41;
        double[] time = new double[count];
        double[] copies = new double[count];
        double[] misfit = new double[count];
        for (int i = 0; i < count; i++) {
            time[i] = 0.5 * i;
            double[] fit = authors.copies(authors.flow(time[i]));
            copies[i] = i == 0 ? 0 : fit[0];
            misfit[i] = i == 0 ? 0 : 1 - fit[1];
        }
        result.picture(Picture.of(
                "flow",
                "Copies along ordinary gradient flow",
                "Natural-gradient steps lie on the diagonal; ordinary gradients do not, and the misfit says that no number of"
                        + " copies describes them.",
                Picture.Axis.linear("time of the flow, or steps"),
                Picture.Axis.linear("copies, or 1 − R²"),
                List.of(
                        Picture.Series.line("copies", time, copies),
                        Picture.Series.line("misfit", time, misfit),
                        Picture.Series.line("natural steps", time, time))));
    }

    /** The longest time of the flow, as it was written. */
    private static String longest(ExperimentSettings settings) {
        return Collections.max(settings.texts("flow"), Comparator.comparingDouble(ExperimentKey::number));
    }

    private static String conclusion(ExperimentSettings settings, ExperimentResult.Builder result) {
        String last = longest(settings);
        if (!result.stands("flow." + last + ".copies")) {
            return "The observation is as likely under every author: neither a prompt nor fine-tuning on it moves their"
                    + " weights, and no number of copies describes that.";
        }
        return String.format(
                Locale.ROOT,
                "With %d authors, whose shares %s are the prior and who are given no reward, fine-tuning by natural-gradient steps"
                        + " is having seen the observation, a copy a step: predictions differ from"
                        + " those behind a prompt by %s at most (exact; more than rounding would have refuted it). Ordinary gradient"
                        + " flow of time %s counts as %s copies with a misfit of %s: %s.",
                settings.texts("weights").size(),
                String.join(", ", settings.texts("weights")),
                FigureFormat.of(result.estimate("natural.worst")),
                last,
                FigureFormat.of(result.estimate("flow." + last + ".copies")),
                FigureFormat.of(result.estimate("flow." + last + ".misfit")),
                result.estimate("flow." + last + ".misfit") > 0.01
                        ? "no number of copies describes it, as it holds on to the prior's likely authors and moves those"
                        : settings.texts("weights").size() < 3
                                ? "of two authors any weights are some number of copies"
                                : "it is nearly as if so many had been seen");
    }
}
