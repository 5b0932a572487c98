package dev.credence.lab.experiments;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.PromptAudit;
import dev.credence.core.figures.FigureFormat;
import dev.credence.lab.runs.Listener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** {@link Certificate} as an experiment: RLOO on a transformer, held to the posterior by enumeration of all texts. */
public final class CertifiedExperiment implements Experiment {
    private static final List<String> SHOWN = List.of(
            Certificate.THERE,
            Certificate.BACK,
            "kl.policy_prior",
            "kl.asked_prior",
            "copies.moment_match",
            "bayes_fraction");

    /** For the service loader. */
    public CertifiedExperiment() {}

    @Override
    public String name() {
        return "certified";
    }

    @Override
    public String question() {
        return "Can training condition a transformer, certified within 0.01 nats of the posterior both ways?";
    }

    @Override
    public String schema() {
        return "credence.certificate/1";
    }

    @Override
    public List<String> related() {
        return List.of("fifty-copies", "hypothesis");
    }

    @Override
    public List<ExperimentKey> settings() {
        List<ExperimentKey> settings =
                new ArrayList<>(TextSpaceSettings.declared("0.5*count:[aeiou]", "reward of a text"));
        settings.add(ExperimentKey.number("beta", "0.5", 1e-9, 1e9, "KL coefficient; 1/β copies are asked for"));
        settings.add(ExperimentKey.whole("steps", 300, 1, 1_000_000, "steps of RLOO"));
        settings.add(ExperimentKey.whole("samples", 256, 2, 100_000, "texts a prompt and step"));
        settings.add(ExperimentKey.number("lr", "0.001", 1e-9, 10, "learning rate of the first step"));
        settings.add(ExperimentKey.number("most", "0.01", 1e-12, 1e9, "nats that either KL may have to be certified"));
        settings.add(ExperimentKey.text("save", "", "a folder that the tuned policy is saved to; empty for none"));
        settings.add(ExperimentKey.seed());
        return settings;
    }

    @Override
    public ExperimentResult run(ExperimentSettings settings, Listener listener) throws IOException {
        TextSpaceSettings on = new TextSpaceSettings(settings);
        try (TextSpaceSettings.Opened opened = on.open()) {
            Certificate.Asked asked = new Certificate.Asked(
                    on.extent(opened.model()),
                    on.reward(),
                    settings.number("beta"),
                    settings.count("steps"),
                    settings.count("samples"),
                    settings.number("lr"),
                    settings.whole("seed"),
                    settings.number("most"));
            @Nullable Path target = settings.has("save") ? Path.of(settings.text("save")) : null;
            Certificate certificate = Certificate.of(opened.model(), asked, target, listener);
            ExperimentResult.Builder result = ExperimentResult.builder();
            SHOWN.forEach(id -> result.finding(certificate.finding(id)));
            result.inputs(opened.model().inputs());
            result.further("met", certificate.isMet());
            result.further("most", asked.most());
            result.further("model", certificate.model());
            result.further("texts", certificate.texts());
            result.further("seconds", certificate.seconds());
            return result.met(certificate.isMet())
                    .conclude(
                            conclusion(certificate),
                            "The texts are those up to the horizon: what the policy does beyond it is not looked at, nor"
                                    + " behind other prompts.");
        }
    }

    private static String conclusion(Certificate certificate) {
        Certificate.Asked asked = certificate.asked();
        String met = certificate.isMet()
                ? "Certified: this transformer is the posterior that was asked for"
                : "Not certified";
        return String.format(
                Locale.ROOT,
                "%s: KL(policy‖posterior) is %s and KL(posterior‖policy) %s nats, each at most %s wanted; a KL is how much the"
                        + " texts of one surprise who expects the other's, 0 where the two are the same.\n"
                        + "- Asked: %s conditioned on %s at β = %s, which is on %s copies of that reward.\n"
                        + "- Trained: %d steps of RLOO with %d texts a prompt, in %.1f s.\n"
                        + "- Looked at: all %,d texts of at most %d tokens behind %s, one by one, so that figures are exact; they"
                        + " are means over prompts, and the largest KL of any one prompt is %s nats.\n"
                        + "- Got: %s nats from the prior, where the posterior is %s away. The mean reward is that of %s copies, and"
                        + " %s of the move is conditioning on it (the Bayes fraction).",
                met,
                of(certificate, Certificate.THERE),
                of(certificate, Certificate.BACK),
                FigureFormat.of(asked.most()),
                certificate.model(),
                asked.reward(),
                FigureFormat.of(asked.beta()),
                FigureFormat.of(1 / asked.beta()),
                asked.steps(),
                asked.samples(),
                certificate.seconds(),
                certificate.texts(),
                asked.extent().horizon(),
                FigureFormat.counted(asked.extent().prompts().size(), "prompt"),
                FigureFormat.of(worst(certificate)),
                of(certificate, "kl.policy_prior"),
                of(certificate, "kl.asked_prior"),
                of(certificate, "copies.moment_match"),
                of(certificate, "bayes_fraction"));
    }

    private static String of(Certificate certificate, String id) {
        return FigureFormat.of(certificate.finding(id).estimate());
    }

    private static double worst(Certificate certificate) {
        double worst = 0;
        for (PromptAudit prompt : certificate.audit().prompts()) {
            for (String id : List.of(Certificate.THERE, Certificate.BACK)) {
                Finding finding = prompt.findings().get(id);
                worst = Math.max(worst, finding == null ? Double.NaN : finding.estimate());
            }
        }
        return worst;
    }
}
