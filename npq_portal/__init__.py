"""NPQ Portal: the record of training for National Professional Qualifications."""
