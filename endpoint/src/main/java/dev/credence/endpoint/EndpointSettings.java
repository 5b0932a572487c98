package dev.credence.endpoint;

import dev.credence.core.provenance.InputException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a server is asked.
 *
 * @param inFlight requests at a time
 * @param tries how often a request is sent at most, while what stands in its way may pass
 * @param pause seconds before the second try; doubled before each further one
 * @param patience how long an answer may take
 * @param key sent as a bearer's, never written; empty for none
 * @param rate requests a second at most, tries counted; infinite for no limit
 */
public record EndpointSettings(int inFlight, int tries, double pause, Duration patience, String key, double rate) {
    private static final String KEY = "CREDENCE_API_KEY";
    private static final String RATE = "CREDENCE_API_RATE";

    /** Requests at a time that a small server has slots for. */
    public static final int IN_FLIGHT = 8;

    /**
     * Checks the numbers.
     *
     * @param inFlight as above
     * @param tries as above
     * @param pause as above
     * @param patience as above
     * @param key as above
     * @param rate as above
     * @throws IllegalArgumentException if one is below its least
     */
    public EndpointSettings {
        if (!(inFlight > 0) || !(tries > 0) || !(pause >= 0) || patience.isNegative() || patience.isZero()) {
            throw new IllegalArgumentException("requests in flight, tries, pause and patience are " + inFlight + ", "
                    + tries + ", " + pause + ", " + patience + "; at least 1, 1, 0 and above 0");
        }
        if (!(rate > 0)) {
            throw new IllegalArgumentException("requests a second are " + rate + "; above 0");
        }
    }

    /**
     * Without a limit of requests a second.
     *
     * @param inFlight as above
     * @param tries as above
     * @param pause as above
     * @param patience as above
     * @param key as above
     */
    public EndpointSettings(int inFlight, int tries, double pause, Duration patience, String key) {
        this(inFlight, tries, pause, patience, key, Double.POSITIVE_INFINITY);
    }

    /**
     * Eight requests at a time, six tries over half a minute, ten minutes for an answer; key and limit of the environment.
     *
     * @return the settings
     * @throws InputException if CREDENCE_API_RATE is no number of requests a second
     */
    public static EndpointSettings ofEnvironment() {
        return new EndpointSettings(
                IN_FLIGHT, 6, 1, Duration.ofMinutes(10), key(System.getenv(KEY)), rate(System.getenv(RATE)));
    }

    /** A key as the environment says, blanks around it left out; empty without a word. */
    static String key(@Nullable String word) {
        String key = word == null ? "" : word.strip();
        if (!key.chars().allMatch(c -> c > ' ' && c < 127)) { // a header would be refused with the key in the message
            throw InputException.ofSetting(
                    KEY, "not shown here", "a key is of printable ASCII characters without blanks");
        }
        return key;
    }

    /** Requests a second as the environment says; without a word no limit. */
    static double rate(@Nullable String word) {
        if (word == null || word.isBlank()) {
            return Double.POSITIVE_INFINITY;
        }
        try {
            double rate = Double.parseDouble(word.strip());
            if (rate > 0 && rate < Double.POSITIVE_INFINITY) {
                return rate;
            }
        } catch (NumberFormatException e) {
            // refused below, as are numbers that are none
        }
        throw InputException.ofSetting(RATE, word, "it is a number of requests a second, above 0, such as 0.5 or 20");
    }

    /** {@return the settings without the key, which is never written} */
    @Override
    public String toString() {
        return "EndpointSettings[inFlight=" + inFlight + ", tries=" + tries + ", pause=" + pause + ", patience="
                + patience + ", rate=" + rate + "]";
    }
}
