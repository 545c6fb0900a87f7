use super::*;

#[test]
fn a_key_is_secret_beside_a_word_that_says_so() {
    let class = |name: &str| pair(&names::parts(name));
    for name in ["vCleApi", "clave_de_acceso", "ApiChave", "CleDAcces", "vClefSecr\u{fffd}te"] {
        assert_eq!(class(name), Some(Class::Strong), "{name}");
    }
    assert_eq!(class("vFichaAcceso"), Some(Class::Weak));
    assert_eq!(class("vCodiceAccesso"), Some(Class::Pin));
    for name in ["vClave", "ClaveProducto", "FichaTecnica", "AccessCount"] {
        assert_eq!(class(name), None, "{name}");
    }
}

#[test]
fn keys_of_rows_are_names_of_fields_and_codes() {
    for value in ["EUR-USD", "CustomerID", "'CLIENT_ID'", "customer_nr", "ES-0042-A"] {
        assert!(is_of_row(value), "{value}");
    }
    for value in ["Madrid88", "sommerregen", "AB12-CD34-EF56", "hT7pQ2zW", ""] {
        assert!(!is_of_row(value), "{value}");
    }
}
