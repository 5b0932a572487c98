package dev.credence.report;

import dev.credence.core.audit.Finding;
import dev.credence.core.figures.FigureFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is certain of the departure where its own figure is withdrawn: the bound that needs no normaliser. */
public final class LeastDepartureText {
    private static final String DEPARTURE = "kl.departure";
    private static final String LEAST = "kl.departure.least";

    private LeastDepartureText() {}

    /**
     * The bound, where it is needed and says something.
     *
     * @param findings by id
     * @return the finding; null where the departure itself stands, or no bound above zero does
     */
    public static @Nullable Finding of(Map<String, Finding> findings) {
        Finding departure = findings.get(DEPARTURE);
        Finding least = findings.get(LEAST);
        boolean needed = departure == null || !departure.stands();
        return needed && least != null && least.stands() && least.lower() > 0 ? least : null;
    }

    /**
     * In words.
     *
     * @param least the bound
     * @return a sentence
     */
    public static String words(Finding least) {
        return "At least " + FigureFormat.of(least.lower()) + " nats are departure, whatever Z is.";
    }

    /** The sentence with its number traceable. */
    static void write(Html html, Finding least) {
        html.text("At least ");
        Figures.number(html, LEAST, "lower", least.lower());
        html.text(" nats are departure, whatever Z is.");
    }
}
