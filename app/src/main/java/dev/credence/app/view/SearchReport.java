package dev.credence.app.view;

import dev.credence.app.console.Console;
import dev.credence.core.model.LogPartition;
import dev.credence.core.probability.TableModel;
import dev.credence.lab.posteriors.PromptSearch;
import java.util.Locale;
import java.util.Map;

/** Prints searches prompt by prompt. */
public final class SearchReport {
    private final Console console;
    private final SearchText text;

    /**
     * A printer.
     *
     * @param console where
     * @param detail how much
     */
    public SearchReport(Console console, Detail detail) {
        this.console = console;
        this.text = new SearchText(console, detail);
    }

    /**
     * Certificates, then what was asked besides.
     *
     * @param searched by prompt
     */
    public void all(Map<String, PromptSearch> searched) {
        console.line();
        searched.forEach((prompt, found) -> text.certificate(
                searched.size() == 1 ? "Certificate" : "Certificate of prompt " + prompt,
                found.certificate().logPartition(),
                found.certificate().completions()));
        told(searched);
    }

    /**
     * Certificates of prompts whose completions were all seen.
     *
     * @param prior all completions
     */
    public void enumerated(TableModel prior) {
        console.line();
        for (String prompt : prior.prompts()) {
            int size = prior.given(prompt).size();
            LogPartition all = new LogPartition(0, 0, size, 0, 0, 0, 0);
            text.certificate(
                    prior.prompts().size() == 1 ? "Certificate" : "Certificate of prompt " + prompt, all, size);
        }
    }

    /**
     * Next tokens and draws.
     *
     * @param searched by prompt
     */
    public void told(Map<String, PromptSearch> searched) {
        searched.forEach((prompt, found) -> {
            PromptSearch.Next next = found.next();
            if (next != null) {
                text.next(
                        "Next token behind " + (prompt + next.behind()).strip(),
                        next.tokens(),
                        next.texts(),
                        SearchDocument.byPosterior(next.tokens()));
            }
            if (!found.draws().isEmpty()) {
                text.draws(
                        "Draws from the posterior" + (prompt.isBlank() ? "" : " of prompt " + prompt.strip()),
                        found.draws().stream()
                                .map(d -> new SearchText.Draw(d.text(), d.reward(), d.logPrior(), d.logPosterior()))
                                .toList());
                String why = found.whyNoLogPosterior();
                if (why != null) {
                    console.paragraph(2, why.substring(0, 1).toUpperCase(Locale.ROOT) + why.substring(1) + ".");
                }
            }
        });
    }
}
