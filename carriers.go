package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"os"
	"time"

	"pingyi/notify"
	"pingyi/notify/carrier"
)

// ways are the schemes of PINGYI_SMTP with the port they use by default.
var ways = map[string]struct {
	security carrier.Security
	port     string
}{"smtp": {carrier.StartTLS, "587"}, "smtps": {carrier.TLS, "465"}, "smtp+clear": {carrier.Clear, "25"}}

// carriers builds the ways out of the portal that are set up, and reports all
// problems of the settings together. Without a setting there is no such way.
func (c *settings) carriers() (map[notify.Channel]notify.Carrier, error) {
	out := map[notify.Channel]notify.Carrier{}
	m, errMail := c.mail()
	if m != nil {
		out[notify.Email] = m
	}
	g, errGateway := c.gateway()
	if g != nil {
		out[notify.SMS] = g
	}
	return out, errors.Join(errMail, errGateway)
}

func (c *settings) mail() (*carrier.SMTP, error) {
	if c.SMTP == "" {
		if c.SMTPUser+c.SMTPPassword+c.SMTPCA+c.MailFrom != "" {
			return nil, errors.New("PINGYI_SMTP must be set for the other settings of e-mail to be of use")
		}
		return nil, nil
	}
	u, err := url.Parse(c.SMTP)
	if err != nil || u.Host == "" || u.User != nil || ways[u.Scheme].port == "" {
		return nil, errors.New("PINGYI_SMTP must be smtp://host, smtps://host or smtp+clear://host, with or without a port; user and password have settings of their own")
	}
	way := ways[u.Scheme]
	port := u.Port()
	if port == "" {
		port = way.port
	}
	from, err := mail.ParseAddress(c.MailFrom)
	if err != nil {
		return nil, errors.New("PINGYI_MAIL_FROM must be an e-mail address, with or without a name before it")
	}
	if way.security == carrier.Clear && c.SMTPPassword != "" && !isLoopback(u.Hostname()) {
		return nil, errors.New("PINGYI_SMTP: a password does not travel in clear; use smtp:// or smtps://")
	}
	s := &carrier.SMTP{Addr: net.JoinHostPort(u.Hostname(), port), Security: way.security, User: c.SMTPUser, Password: c.SMTPPassword, From: from, Host: c.hostName(), Now: time.Now}
	if c.SMTPCA == "" {
		return s, nil
	}
	pem, err := os.ReadFile(c.SMTPCA)
	if err != nil {
		return nil, fmt.Errorf("PINGYI_SMTP_CA: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("PINGYI_SMTP_CA: %s holds no certificate", c.SMTPCA)
	}
	s.TLS = &tls.Config{RootCAs: roots}
	return s, nil
}

func (c *settings) gateway() (*carrier.Gateway, error) {
	if c.SMSURL == "" {
		if c.SMSKey != "" {
			return nil, errors.New("PINGYI_SMS_URL must be set for PINGYI_SMS_KEY to be of use")
		}
		return nil, nil
	}
	u, err := url.Parse(c.SMSURL)
	if err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())) {
		return nil, errors.New("PINGYI_SMS_URL must begin with https://, or with http:// on this machine")
	}
	if len(c.SMSKey) < 32 {
		return nil, errors.New("PINGYI_SMS_KEY needs at least 32 characters")
	}
	return &carrier.Gateway{URL: c.SMSURL, Key: []byte(c.SMSKey), Now: time.Now}, nil
}
