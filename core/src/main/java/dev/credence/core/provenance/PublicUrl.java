package dev.credence.core.provenance;

import java.util.regex.Pattern;

/** Addresses are written into records, reports and messages: one that holds a password or a key is refused, and not repeated. */
public final class PublicUrl {
    private static final Pattern USER = Pattern.compile("//[^/?#]*@");
    private static final Pattern SECRET = Pattern.compile(
            "[?&;][^=&;#]*(?:key|token|secret|passw|pwd|auth|signature|credential)[^=&;#]*=", Pattern.CASE_INSENSITIVE);

    private PublicUrl() {}

    /**
     * Refuses an address with a secret in it.
     *
     * @param setting that has it
     * @param address as it was given
     * @param instead where a secret belongs
     * @throws InputException if there is one; the message leaves it out
     */
    public static void check(String setting, String address, String instead) {
        boolean hasUser = USER.matcher(address).find();
        if (hasUser || SECRET.matcher(address).find()) {
            String shown = USER.matcher(address).replaceFirst("//…@").replaceFirst("[?#;].*", "?…");
            throw InputException.ofSetting(
                    setting,
                    shown,
                    (hasUser ? "no user or password may stand in it" : "no key may stand in it")
                            + ": an address is written into records and reports; " + instead);
        }
    }
}
