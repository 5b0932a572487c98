package dev.credence.app.command;

import dev.credence.app.console.Console;
import dev.credence.app.console.Style;
import dev.credence.app.console.TextTable;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.PromptAudit;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.json.Json;
import dev.credence.lab.experiments.Certificate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A certificate as text and as JSON.
 *
 * @param certificate what came of the training
 */
record CertificateDocument(Certificate certificate) {
    private static final List<String> SHOWN = List.of(
            Certificate.THERE,
            Certificate.BACK,
            "kl.policy_prior",
            "kl.asked_prior",
            "copies.moment_match",
            "bayes_fraction");

    void print(Console console) {
        Certificate.Asked asked = certificate.asked();
        console.line(
                Style.BOLD,
                certificate.isMet()
                        ? "Certified: this transformer is the posterior that was asked for"
                        : "Not certified");
        console.paragraph(
                0,
                String.format(
                        Locale.ROOT,
                        "%s, conditioned on %s at β = %s (%s copies) by %d steps of RLOO with %d texts a prompt, in %.1f s;"
                                + " all %,d texts of at most %d tokens behind %d prompt%s enumerated.",
                        certificate.model(),
                        asked.reward(),
                        FigureFormat.of(asked.beta()),
                        FigureFormat.of(1 / asked.beta()),
                        asked.steps(),
                        asked.samples(),
                        certificate.seconds(),
                        certificate.texts(),
                        asked.extent().horizon(),
                        asked.extent().prompts().size(),
                        asked.extent().prompts().size() == 1 ? "" : "s"));
        TextTable table = new TextTable(2)
                .words("", 40)
                .numbers("nats")
                .numbers("at most")
                .words("", 8);
        row(table, "KL(policy‖posterior)", Certificate.THERE);
        row(table, "KL(posterior‖policy)", Certificate.BACK);
        table.print(console);
        console.paragraph(
                0,
                "KL from the prior " + of("kl.policy_prior") + " nats (the posterior's: " + of("kl.asked_prior")
                        + "); copies reached " + of("copies.moment_match") + ", Bayes fraction " + of("bayes_fraction")
                        + "; all exact, means over prompts. " + worst());
    }

    private void row(TextTable table, String words, String id) {
        Finding finding = certificate.finding(id);
        double most = certificate.asked().most();
        table.row(
                Style.PLAIN,
                words,
                FigureFormat.of(finding.estimate()),
                FigureFormat.of(most),
                finding.upper() <= most ? "met" : "missed");
    }

    private String worst() {
        double worst = 0;
        for (PromptAudit prompt : certificate.audit().prompts()) {
            for (String id : List.of(Certificate.THERE, Certificate.BACK)) {
                Finding finding = prompt.findings().get(id);
                worst = Math.max(worst, finding == null ? Double.NaN : finding.estimate());
            }
        }
        return "The largest KL of any one prompt is " + FigureFormat.of(worst) + " nats.";
    }

    private String of(String id) {
        return FigureFormat.of(certificate.finding(id).estimate());
    }

    Map<String, String> settings() {
        Certificate.Asked asked = certificate.asked();
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("experiment", "certified");
        settings.put("method", "rloo");
        settings.put("reward", asked.reward().toString());
        settings.put("beta", String.valueOf(asked.beta()));
        settings.put("steps", String.valueOf(asked.steps()));
        settings.put("samples", String.valueOf(asked.samples()));
        settings.put("lr", String.valueOf(asked.rate()));
        settings.put("horizon", String.valueOf(asked.extent().horizon()));
        settings.put("prompts", String.join(" | ", asked.extent().prompts()));
        return settings;
    }

    Map<String, @Nullable Object> json(Provenance provenance) {
        Map<String, @Nullable Object> document = Json.document("credence.certificate/1", provenance);
        document.put("met", certificate.isMet());
        document.put("most", certificate.asked().most());
        document.put("model", certificate.model());
        document.put("texts", certificate.texts());
        document.put("seconds", certificate.seconds());
        document.put("settings", settings());
        Map<String, @Nullable Object> findings = new LinkedHashMap<>();
        for (String id : SHOWN) {
            Finding finding = certificate.finding(id);
            Map<String, @Nullable Object> fields = new LinkedHashMap<>();
            fields.put("lower", finding.lower());
            fields.put("estimate", finding.estimate());
            fields.put("upper", finding.upper());
            fields.put("grade", "exact");
            fields.put("unit", finding.unit());
            findings.put(id, fields);
        }
        document.put("findings", findings);
        document.put("provenance", Json.provenance(provenance));
        return document;
    }
}
